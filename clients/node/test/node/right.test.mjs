import assert from "node:assert/strict";
import { test } from "node:test";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { MockEventBridge, startEventBridge } from "putevents-mock";
import { publishOrders } from "../shop.cjs";

test("sends again only what failed", async (t) => {
  const eventbridge = await startEventBridge(t);
  await eventbridge.inject({ entry: "ThrottlingException", matching: { detail: { "/orderId": 2 } }, times: 1 });
  await publishOrders(new EventBridgeClient(eventbridge.clientConfig()), [1, 2, 3]);
  await eventbridge.assertMeets({ everyFaultFired: true, exactlyOnce: true, identifyBy: "/orderId" });
});

test("answers other operations", async (t) => {
  const eventbridge = await startEventBridge(t, { answers: { ListRules: { Rules: [{ Name: "of the plan" }] } } });
  const client = new EventBridgeClient(eventbridge.clientConfig());
  assert.equal((await client.send(new ListRulesCommand({}))).Rules[0].Name, "of the plan");
  await eventbridge.answer("ListRules", { Rules: [] });
  assert.deepEqual((await client.send(new ListRulesCommand({}))).Rules, []);
});

test("a mock ends with its test, when it is disposed of, or when it is stopped", async (t) => {
  const there = async ({ url, accessKeyId }) => (await fetch(`${url}/_mock/sessions/${accessKeyId}`)).status === 200;
  let ofTest;
  await t.test("a test", async (t) => {
    ofTest = await startEventBridge(t);
    assert.ok(await there(ofTest));
  });
  assert.ok(!(await there(ofTest)));

  const stopped = await startEventBridge();
  assert.ok(stopped instanceof MockEventBridge && (await there(stopped)));
  await stopped.stop();
  await stopped.stop();
  assert.ok(!(await there(stopped)));

  const disposed = await startEventBridge();
  await disposed[Symbol.asyncDispose]();
  assert.ok(!(await there(disposed)));
});
