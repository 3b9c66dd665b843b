// Tests that fail, as those in cases/wrong.cjs.

import { test } from "node:test";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { startEventBridge } from "putevents-mock";
import { publishAllAgain } from "../shop.cjs";

const throttleSecond = { entry: "ThrottlingException", matching: { detail: { "/orderId": 2 } }, times: 1 };

test("everything again", async (t) => {
  const eventbridge = await startEventBridge(t);
  await eventbridge.inject(throttleSecond);
  await publishAllAgain(new EventBridgeClient(eventbridge.clientConfig()), [1, 2, 3]);
  await eventbridge.assertMeets({ everyFaultFired: true, exactlyOnce: true, identifyBy: "/orderId" }); // here
});

test("misspelt fault", async (t) => {
  const eventbridge = await startEventBridge(t);
  await eventbridge.inject({ entri: "ThrottlingException" }); // here
});
