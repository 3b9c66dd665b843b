import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type Expectation, type Fault, publisherCheck, startEventBridge } from "putevents-mock";
import "putevents-mock/vitest";
import { expect, test } from "vitest";

const throttled: Fault = { entry: "ThrottlingException", matching: { detail: { "/orderId": 2 } }, times: 1 };
const once: Expectation = { exactlyOnce: true, identifyBy: "/orderId" };

// @ts-expect-error a typing error in a fault
const misspelt: Fault = { entri: "ThrottlingException" };
// @ts-expect-error an error code that is not known
const unknownCode: Fault = { entry: "ThrotlingException" };

test("what is right has types", async (context) => {
  const eventbridge = await startEventBridge(context, { knownBuses: ["orders"], faults: [throttled], expect: [once] });
  new EventBridgeClient(eventbridge.clientConfig());
  await eventbridge.inject(throttled, { request: "InternalException", onAttempt: 1 });
  await eventbridge.assertMeets(once, { noProblems: true }, { limitMs: 5000 });
  await eventbridge.assertMeets();
  const settled: Promise<void> = expect(eventbridge).toMeet({ everyFaultFired: true, ...once });
  await settled;
  await expect(eventbridge).not.toMeet(once, { limitMs: 5000 });
  const ids: string[] = (await eventbridge.published()).map((event) => event.envelope.id);
  const fired: number[] = (await eventbridge.faults()).map((fault) => fault.fired);
  await eventbridge.wait({ published: ids.length + fired.length });
  await eventbridge.answer("ListRules", { Rules: [] });
  const report: string = await publisherCheck(
    async ({ clientConfig, events }) => {
      new EventBridgeClient(clientConfig);
      return { published: events };
    },
    { identifyBy: "/orderId", events: [{ orderId: 1 }], runs: 20 },
  );
  await using disposed = await startEventBridge({ limits: "before-2026" });
  return void [report, disposed, misspelt, unknownCode];
});

test("what is wrong is an error", async (context) => {
  const eventbridge = await startEventBridge(context);
  // @ts-expect-error a typing error in a fault
  await eventbridge.inject({ entry: "ThrottlingException", tims: 1 });
  // @ts-expect-error a typing error in an expectation
  await eventbridge.assertMeets({ exactlyOnc: true });
  // @ts-expect-error a typing error in an expectation
  await expect(eventbridge).toMeet({ exactlyOnc: true });
  // @ts-expect-error the time limit is an argument of its own
  await eventbridge.assertMeets({ exactlyOnce: true, limitMs: 5000 });
  // @ts-expect-error nothing that can be waited for
  await eventbridge.wait({ event: 1 });
  // @ts-expect-error an operation that does not exist
  await eventbridge.answer("ListRule", {});
  // @ts-expect-error a typing error in a plan
  await startEventBridge({ knownBusses: [] });
});
