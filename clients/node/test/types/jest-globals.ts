import { expect, test } from "@jest/globals";
import { startEventBridge } from "putevents-mock";
import "putevents-mock/jest";

test("the matcher has types", async () => {
  const eventbridge = await startEventBridge();
  const settled: Promise<void> = expect(eventbridge).toMeet({ exactlyOnce: true, identifyBy: "/orderId" });
  await settled;
  await expect(eventbridge).not.toMeet({ publishedCount: 1 }, { limitMs: 5000 });
  // @ts-expect-error a typing error in an expectation
  await expect(eventbridge).toMeet({ exactlyOnc: true });
});
