// Tests of right publishers, for vitest and for jest: all pass.

"use strict";

const assert = require("node:assert/strict");
const { setTimeout } = require("node:timers/promises");
const { EventBridgeClient } = require("@aws-sdk/client-eventbridge");
const { startEventBridge } = require("putevents-mock");
const { publishAndForget, publishOrders } = require("../shop.cjs");

const throttleSecond = { entry: "ThrottlingException", matching: { detail: { "/orderId": 2 } }, times: 1 };
const once = { exactlyOnce: true, identifyBy: "/orderId" };

module.exports = ({ test, expect, timers }) => {
  const clientOf = (eventbridge) => new EventBridgeClient(eventbridge.clientConfig());

  test("sends again only what failed", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject(throttleSecond);
    await publishOrders(clientOf(eventbridge), [1, 2, 3]);
    await expect(eventbridge).toMeet({ everyFaultFired: true, onlyFailedEntriesResent: true, ...once });
  });

  test("an order that is refused for good is not lost", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject({ entry: "NotAuthorizedForSourceException", matching: { detail: { "/orderId": 2 } } });
    expect(await publishOrders(clientOf(eventbridge), [1, 2, 3])).toEqual([2]);
    await expect(eventbridge).toMeet({ permanentErrorsNotRetried: true }, { noneLost: true, identifyBy: "/orderId" });
    await expect(eventbridge).not.toMeet({ atLeastOnce: true, identifyBy: "/orderId" });
  });

  test("an event that is doubled because its reply was lost is not the publisher's fault", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject({ lostReply: true, times: 1 });
    await publishOrders(clientOf(eventbridge), [1, 2, 3]);
    await expect(eventbridge).toMeet({ everyFaultFired: true, onlyFailedEntriesResent: true, atLeastOnce: true });
    await expect(eventbridge).not.toMeet(once);
  });

  test("waits until expectations are met", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject({ latencyMs: 200 });
    const published = publishAndForget(clientOf(eventbridge), [1, 2, 3]);
    await expect(eventbridge).toMeet({ publishedCount: 3 }, { limitMs: 20000 });
    await published;
  });

  test("a publisher that publishes nothing meets what is expected of it", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.assertMeets({ publishedCount: 0 }, { noProblems: true });
  });

  test("the expectations of a plan are checked without an argument", async () => {
    const eventbridge = await startEventBridge({ knownBuses: ["orders"], expect: [{ publishedCount: 1 }] });
    await expect(eventbridge).not.toMeet();
    await publishOrders(clientOf(eventbridge), [1]);
    await expect(eventbridge).toMeet();
  });

  // The later ones end first: none ends the mock of another, although none passes its context.
  test.concurrent.each([1, 2, 3, 4, 5])("tests at the same time do not see each other (%i)", async (order) => {
    const eventbridge = await startEventBridge();
    await setTimeout(10 * (6 - order));
    await publishOrders(clientOf(eventbridge), [order]);
    await setTimeout(10 * (6 - order));
    await eventbridge.assertMeets({ publishedExactly: [{ detail: { "/orderId": order } }] });
  });

  test("a mock works while the timers and the requests of the test are fake", async () => {
    timers.useFakeTimers();
    const { fetch } = globalThis;
    globalThis.fetch = () => assert.fail("not for the package");
    try {
      const eventbridge = await startEventBridge();
      await expect(eventbridge).not.toMeet({ publishedCount: 1 }, { limitMs: 50 });
      await expect(eventbridge).toMeet({ publishedCount: 0 });
    } finally {
      globalThis.fetch = fetch;
      timers.useRealTimers();
    }
  });

  test("tells what happened", async () => {
    const eventbridge = await startEventBridge();
    await eventbridge.inject(throttleSecond, { request: "InternalException", onAttempt: 3 });
    await publishOrders(clientOf(eventbridge), [1, 2]);
    await eventbridge.wait({ published: 2, limitMs: 5000 });
    expect((await eventbridge.published()).map((event) => event.envelope.detail.orderId)).toEqual([1, 2]);
    expect((await eventbridge.journal()).attempts.map((attempt) => attempt.entries.length)).toEqual([2, 1]);
    expect((await eventbridge.faults()).map((fault) => fault.fired)).toEqual([1, 0]);
    expect(await eventbridge.report()).toMatch(/^2 attempts, 2 events published\n/);
    expect(await eventbridge.page({ everyFaultFired: true })).toMatch(/^<!doctype html>/);
    await eventbridge.clearFaults();
    await publishOrders(clientOf(eventbridge), [2]);
    expect((await eventbridge.published()).length).toBe(3);
  });
};
