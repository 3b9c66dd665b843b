import { test } from "node:test";
import { type MockEventBridge, startEventBridge } from "putevents-mock";

test("the context of a test has the types that are needed", async (t) => {
  const eventbridge: MockEventBridge = await startEventBridge(t, { strictAuth: true });
  // @ts-expect-error what the package uses itself is not shown
  eventbridge.nothing;
});
