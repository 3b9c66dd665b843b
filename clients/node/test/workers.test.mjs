// One server for each worker, and what is left when a worker or its runner ends.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually, isGone, linesOf, newFolder, run, script, start } from "./helpers.mjs";

/** Writes files of tests. `body` is the text of a file, for its number. Each starts with what both frameworks need. */
function suite(kind, count, body) {
  const into = newFolder();
  for (let file = 0; file < count; file++) {
    const beginning =
      kind === "jest"
        ? `const { EventBridgeClient } = require("@aws-sdk/client-eventbridge");
           const { startEventBridge } = require("putevents-mock");
           const { publishOrders } = require("../../shop.cjs");
           const { appendFileSync } = require("node:fs");
           const { threadId } = require("node:worker_threads");`
        : `import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
           import { startEventBridge } from "putevents-mock";
           import { publishOrders } from "../../shop.cjs";
           import { appendFileSync } from "node:fs";
           import { threadId } from "node:worker_threads";
           import { expect, test } from "vitest";`;
    const record = "const record = (url) => appendFileSync(process.env.RECORD, `${process.pid}:${threadId} ${url}\\n`);";
    writeFileSync(
      join(into, `file-${file}.test.${kind === "jest" ? "cjs" : "mjs"}`),
      `${beginning}\n${record}\n${body(file)}\n`,
    );
  }
  writeFileSync(
    join(into, "vitest.config.mjs"),
    'export default { test: { setupFiles: ["putevents-mock/vitest"], include: ["**/*.test.mjs"] } };',
  );
  writeFileSync(
    join(into, "jest.config.cjs"),
    'module.exports = { testMatch: ["**/*.test.cjs"], setupFilesAfterEnv: ["putevents-mock/jest"], transform: {} };',
  );
  return { into, record: join(into, "record") };
}

/** What was recorded: the servers of each worker. */
function servers(record) {
  const workers = new Map();
  for (const line of linesOf(record)) {
    const [worker, url] = line.split(" ");
    workers.set(worker, (workers.get(worker) ?? new Set()).add(url));
  }
  return workers;
}

async function allGone(record) {
  for (const urls of servers(record).values()) {
    for (const url of urls) {
      await eventually(`the server at ${url} is gone`, () => isGone(url));
    }
  }
}

const inTurn = (number) => `test("publishes", async () => {
  const eventbridge = await startEventBridge();
  record(eventbridge.url);
  await publishOrders(new EventBridgeClient(eventbridge.clientConfig()), [${number}]);
  await expect(eventbridge).toMeet({ publishedExactly: [{ detail: { "/orderId": ${number} } }] });
});`;

test("a worker of jest has one server for many files", async () => {
  const { into, record } = suite("jest", 12, inTurn);
  const ran = await run("jest", ["--config", join(into, "jest.config.cjs"), "--maxWorkers", "2"], { env: { RECORD: record } });
  assert.equal(ran.status, 0, ran.output);
  assert.equal(linesOf(record).length, 12);
  const workers = servers(record);
  assert.ok(workers.size <= 2, `${workers.size} workers`);
  for (const urls of workers.values()) {
    assert.equal(urls.size, 1);
  }
  await allGone(record);
});

const TWENTY = (
  file,
) => `test.concurrent.for(Array.from({ length: 20 }, (_, index) => ${file} * 100 + index))("order %i", async (order, context) => {
  const eventbridge = await startEventBridge(context);
  record(eventbridge.url);
  await eventbridge.inject({ entry: "ThrottlingException", matching: { detail: { "/orderId": order } }, times: 1 });
  await publishOrders(new EventBridgeClient(eventbridge.clientConfig()), [order, order + 1000, order + 2000]);
  const expecting = [order, order + 1000, order + 2000].map((order) => ({ detail: { "/orderId": order } }));
  await context.expect(eventbridge).toMeet({ everyFaultFired: true, onlyFailedEntriesResent: true });
  await context.expect(eventbridge).toMeet({ exactlyOnce: true, identifyBy: "/orderId", expecting });
});`;

for (const isolation of ["--isolate", "--no-isolate"]) {
  test(`200 tests in parallel in threads of vitest have one server a worker (${isolation})`, async () => {
    const { into, record } = suite("vitest", 10, TWENTY);
    const args = ["run", "--root", into, "--pool", "threads", "--max-workers", "2", isolation];
    const ran = await run("vitest", args, { env: { RECORD: record } });
    assert.equal(ran.status, 0, ran.output);
    assert.match(ran.output, /Tests {2}200 passed \(200\)/);
    const workers = servers(record);
    assert.ok(workers.size <= (isolation === "--isolate" ? 10 : 2), `${workers.size} workers`);
    assert.equal(linesOf(record).length, 200);
    for (const urls of workers.values()) {
      assert.equal(urls.size, 1);
    }
    await allGone(record);
  });
}

// Longer than any of these tests waits for a record, and a limit for a worker that its dead runner cannot end.
const ENDLESS = () => `test("waits", async () => {
  record((await startEventBridge()).url);
  await new Promise(() => {});
}, 10000);`;

/** Starts a runner whose test never ends, ends it by `stop`, and waits until the server is gone. */
async function endsWith(kind, args, stop) {
  const { into, record } = suite(kind, 2, ENDLESS);
  const where = kind === "jest" ? ["--config", join(into, "jest.config.cjs")] : ["run", "--root", into];
  const runner = start(kind, [...where, ...args], { env: { RECORD: record } });
  try {
    await eventually("both files have a server", () => linesOf(record).length === 2);
    stop(
      runner.child,
      [...servers(record).keys()].map((worker) => Number(worker.split(":")[0])),
    );
    await allGone(record);
  } finally {
    runner.child.kill("SIGKILL");
    await runner.ended;
  }
}

const RUNNERS = {
  "vitest with threads": ["vitest", ["--pool", "threads", "--max-workers", "2"]],
  "vitest with forks": ["vitest", ["--pool", "forks", "--max-workers", "2"]],
  jest: ["jest", ["--maxWorkers", "2"]],
};

describe("no server is left", { concurrency: 4 }, () => {
  for (const [name, [kind, args]] of Object.entries(RUNNERS)) {
    for (const signal of ["SIGINT", "SIGKILL"]) {
      test(`after ${signal} to ${name}`, () => endsWith(kind, args, (runner) => runner.kill(signal)));
    }
  }
  for (const name of ["vitest with forks", "jest"]) {
    test(`after SIGKILL of the workers of ${name}`, () =>
      endsWith(...RUNNERS[name], (_, workers) => workers.forEach((pid) => process.kill(pid, "SIGKILL"))));
  }
});

test("a thread that ends takes its server with it, and leaves that of its process", async () => {
  const ran = await script(`
    import { startEventBridge } from "putevents-mock";
    import { once } from "node:events";
    import { Worker } from "node:worker_threads";
    import { eventually, isGone } from "./helpers.mjs";
    const ours = await startEventBridge();
    const text = 'import("putevents-mock").then(async ({ startEventBridge }) => {' +
      '(await import("node:worker_threads")).parentPort.postMessage((await startEventBridge()).url); setInterval(() => {}, 1000); })';
    const worker = new Worker(text, { eval: true });
    const [url] = await once(worker, "message");
    if (url === ours.url || await isGone(url)) throw new Error("the thread has no server of its own");
    await worker.terminate();
    await eventually("the server of the thread is gone", () => isGone(url));
    await ours.assertMeets({ publishedCount: 0 });
    console.log("as expected");
  `);
  assert.equal(ran.stdout, "as expected\n", ran.output);
  assert.equal(ran.status, 0);
});

test("a process can have more mocks than a server has by default", async () => {
  const ran = await script(`
    import { startEventBridge } from "putevents-mock";
    for (let started = 0; started < 1100; started += 50) {
      await Promise.all(Array.from({ length: 50 }, () => startEventBridge()));
    }
    console.log("as expected");
  `);
  assert.equal(ran.stdout, "as expected\n", ran.output);
});

test("a server does not keep its process alive", async () => {
  const ran = await script(`
    import { startEventBridge } from "putevents-mock";
    console.log((await startEventBridge()).url);
  `);
  assert.equal(ran.status, 0, ran.output);
  await eventually("the server is gone", () => isGone(ran.stdout.trim()));
});

test("a server that logs much does not wait for a test that blocks", async () => {
  const ran = await script(
    `
    import { execFileSync } from "node:child_process";
    import { startEventBridge } from "putevents-mock";
    const eventbridge = await startEventBridge();
    const publish = \`
      const { EventBridgeClient } = require("@aws-sdk/client-eventbridge");
      const { publishOrders } = require("./shop.cjs");
      const client = new EventBridgeClient({});
      (async () => { for (let order = 0; order < 300; order++) await publishOrders(client, [order]); })();
    \`;
    execFileSync(process.execPath, ["--eval", publish], { env: await eventbridge.environment(), timeout: 60000 });
    await eventbridge.assertMeets({ publishedCount: 300 });
    console.log("as expected");
  `,
    { env: { RUST_LOG: "trace" } },
  );
  assert.equal(ran.stdout, "as expected\n", ran.output);
});
