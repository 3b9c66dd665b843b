// Tests that fail, for vitest and for jest. What each is told stands in frameworks.test.mjs, by the name of the test. Each fails
// at the line that ends with `// here`.

"use strict";

const { EventBridgeClient } = require("@aws-sdk/client-eventbridge");
const { startEventBridge } = require("putevents-mock");
const { publishAllAgain, publishAndForget, publishOrders } = require("../shop.cjs");

const throttleSecond = { entry: "ThrottlingException", matching: { detail: { "/orderId": 2 } }, times: 1 };
const once = { exactlyOnce: true, identifyBy: "/orderId" };

module.exports = ({ test, expect }) => {
  const clientOf = (eventbridge) => new EventBridgeClient(eventbridge.clientConfig());

  test("everything again", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject(throttleSecond);
    await publishAllAgain(clientOf(eventbridge), [1, 2, 3]);
    await expect(eventbridge).toMeet({ everyFaultFired: true, ...once }); // here
  });

  test("forgotten", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject(throttleSecond);
    await publishAndForget(clientOf(eventbridge), [1, 2, 3]);
    await eventbridge.assertMeets(once); // here
  });

  test("never met", async () => {
    const eventbridge = await startEventBridge();
    await publishOrders(clientOf(eventbridge), [1]);
    await expect(eventbridge).toMeet({ publishedCount: 2 }, { limitMs: 50 }); // here
  });

  test("met", async () => {
    const eventbridge = await startEventBridge();
    await publishOrders(clientOf(eventbridge), [1]);
    await expect(eventbridge).not.toMeet(once, { publishedCount: 1 }); // here
  });

  test("misspelt fault", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject({ entri: "ThrottlingException" }); // here
  });

  test("misspelt expectation", async () => {
    const eventbridge = await startEventBridge();
    await expect(eventbridge).not.toMeet({ exactlyOnc: true }); // here
  });

  test("misspelt plan", async () => {
    await startEventBridge({ knownBusses: ["orders"] }); // here
  });

  test("options in the wrong place", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.assertMeets({ publishedCount: 0, limitMs: 50 }); // here
  });

  test("nothing expected", async () => {
    const eventbridge = await startEventBridge();
    await expect(eventbridge).toMeet(); // here
  });

  test("waited in vain", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.wait({ attempts: 1, limitMs: 10 }); // here
  });

  test("another client", async () => {
    const eventbridge = await startEventBridge();
    const { credentials, ...config } = eventbridge.clientConfig();
    await publishOrders(new EventBridgeClient({ ...config, credentials: { ...credentials, accessKeyId: "another" } }), [1]);
    await expect(eventbridge).toMeet(once); // here
  });

  test("no mock", async () => {
    await expect({}).toMeet(once); // here
  });
};
