// The search of fault schedules, for functions of this process.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { publisherCheck } from "putevents-mock";
import { TESTS } from "./helpers.mjs";
import shop from "./shop.cjs";

const { publishAllAgain, publishOrders } = shop;
const EVENTS = Array.from({ length: 11 }, (_, orderId) => ({ orderId }));
const ordersOf = (events) => events.map(({ orderId }) => orderId);
const clientOf = (clientConfig) => new EventBridgeClient({ ...clientConfig, maxAttempts: 2 });

/** Publishes in batches of ten, and says which orders were not published. */
async function publishInBatches(client, orders) {
  const failed = [];
  for (let start = 0; start < orders.length; start += 10) {
    failed.push(...(await publishOrders(client, orders.slice(start, start + 10))));
  }
  return { published: orders.filter((order) => !failed.includes(order)), failed };
}

test("a right publisher breaks no rule", async () => {
  const urls = new Set();
  const publish = async ({ clientConfig, url, events }) => {
    urls.add(url);
    return publishInBatches(clientOf(clientConfig), ordersOf(events));
  };
  const without = ["Hasty=the tests are not to take long"];
  const report = await publisherCheck(publish, { identifyBy: "/orderId", events: EVENTS, runs: 6, without });
  assert.match(report, /\w/);
  assert.ok(urls.size >= 3, `${urls.size} mocks`);
});

test("a wrong publisher is told the smallest schedule that shows its bug, at the line of the call", async () => {
  const publish = ({ clientConfig }) => publishAllAgain(clientOf(clientConfig), [1, 2]);
  await assert.rejects(publisherCheck(publish, { identifyBy: "/orderId", runs: 12 }), (error) => {
    assert.match(error.message, /^the publisher .*breaks \d+ rules? of \d+\n\n/);
    assert.match(error.message, /Resent: only entries that failed are sent again\n/);
    const [first] = error.stack.slice(error.message.length + 1).split("\n");
    assert.match(first, /publisher-check\.test\.mjs:\d+:\d+/);
    return true;
  });
});

test("a publisher that does not end is found, and the search goes on if it ends by the signal", async () => {
  let hung = 0;
  const publish = async ({ clientConfig, signal }) => {
    if ((await publishOrders(clientOf(clientConfig), [1, 2])).length > 0) {
      hung += 1;
      await setTimeout(60_000, undefined, { signal });
    }
  };
  const flags = { identifyBy: "/orderId", runs: 20, runTime: "1s", without: ["Hasty=the tests are not to take long"] };
  await assert.rejects(publisherCheck(publish, flags), /\n1\. Endless: the publisher comes to an end\n/);
  assert.ok(hung > 1, `${hung} runs hung`);
});

test("a child process can publish, and an error of the publisher is part of the report", async () => {
  const child = 'require("./shop.cjs").publishAllAgain(new (require("@aws-sdk/client-eventbridge").EventBridgeClient)(), [1]);';
  const publish = async ({ environment }) => {
    execFileSync(process.execPath, ["--eval", child], { env: environment, stdio: "ignore", cwd: TESTS });
    throw new TypeError("told you so");
  };
  const flags = { identifyBy: "/orderId", runs: 1 };
  await assert.rejects(publisherCheck(publish, flags), /told you so/);
});

test("a publisher that publishes nothing is not said to be right", async () => {
  await assert.rejects(
    publisherCheck(async () => {}, { runs: 2 }),
    /nothing|no event/i,
  );
});

test("a wrong flag is told in the binary's words", async () => {
  await assert.rejects(
    publisherCheck(async () => {}, { identifiedBy: "/orderId" }),
    /unexpected argument '--identified-by'/,
  );
});
