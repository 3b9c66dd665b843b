// vitest, jest and `node --test`, each with right and wrong publishers.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { jest, newFolder, run, TESTS, vitest, withoutTimes } from "./helpers.mjs";

const EVERYTHING_AGAIN = readFileSync(join(TESTS, "resends-the-batch.txt"), "utf8").trimEnd();
/** The number of tests in cases/right.cjs. */
const RIGHT = 13;
const NOT_KNOWN = "is not known here";

/** What each test of cases/wrong.cjs is told: the whole message, or the beginning of it where the binary lists all names. */
const TOLD = {
  "everything again": EVERYTHING_AGAIN,
  forgotten: `1 event was not accepted exactly once

  shop.orders / OrderPlaced {"orderId":2}
    got ThrottlingException in #1[1] and was never sent again

1 attempt, 2 events published
  #1  +#.### s  3 entries  [1] ThrottlingException (injected), 2 accepted`,
  "never met": `1 event was published, but 2 were expected

  #1[0]  shop.orders / OrderPlaced {"orderId":1}

1 attempt, 1 event published
  #1  +#.### s  1 entry  accepted`,
  met: `all expectations are met, and at least one should not be

  {"exactlyOnce":true,"identifyBy":"/orderId"}
  {"publishedCount":1}

1 attempt, 1 event published
  #1  +#.### s  1 entry  accepted`,
  "misspelt fault": new RegExp(`^\\[0\\]: "entri" ${NOT_KNOWN}: did you mean "entry"\\? Write one of [\\w, ]+$`),
  "misspelt expectation": new RegExp(`^"exactlyOnc" ${NOT_KNOWN}: did you mean "exactlyOnce"\\? Write one of [\\w, ]+$`),
  "misspelt plan": new RegExp(`^"knownBusses" ${NOT_KNOWN}: did you mean "knownBuses"\\? Write one of [\\w, $]+$`),
  "options in the wrong place": new RegExp(`^"limitMs" ${NOT_KNOWN}; write one of [\\w, ]+$`),
  "nothing expected": "there is no expectation: send one, or a list, or an empty body if the session's plan has expectations",
  "waited in vain": /^0 of 1 attempt received within 0.01 s\n\n0 attempts, 0 events published\n\n/,
  "another client":
    /^no event was received [\s\S]*\n\nRequests reach this session at http:\/\/127.0.0.1:PORT with the access key id test-NAME\./,
  "no mock":
    "toMeet checks a mock: write `expect(eventbridge).toMeet({ noneLost: true })` with the value of `await startEventBridge()`",
};

/** Compares a failure with what it should be: the message, then the line of the test. */
function check(title, stack, source) {
  const [, message, rest] =
    /^(?:Error: )?([\s\S]*?)\n(\s+at [\s\S]*)$/.exec(withoutTimes(stack)) ?? assert.fail(`no stack: ${stack}`);
  const wanted = TOLD[title];
  if (wanted instanceof RegExp) {
    assert.match(message, wanted);
  } else {
    assert.equal(message, wanted);
  }
  const lines = readFileSync(source, "utf8").split("\n");
  const here = lines.findIndex(
    (line, index) => line.endsWith("// here") && index > lines.findIndex((line) => line.includes(`test("${title}"`)),
  );
  assert.ok(
    rest.split("\n")[0].includes(`${source}:${here + 1}:`),
    `${title} is not reported at ${source}:${here + 1}:\n${rest}`,
  );
  assert.ok(!rest.includes("putevents-mock/dist"), rest);
}

/** Runs tests of vitest or jest, and returns their results and the status. */
async function results(runner, args, options) {
  const file = join(newFolder(), "results.json");
  const { status, output } = await runner(
    [...(runner === vitest ? ["--reporter", "json"] : ["--json"]), "--outputFile", file, ...args],
    options,
  );
  assert.ok(existsSync(file), output);
  const found = JSON.parse(readFileSync(file, "utf8")).testResults.flatMap((file) => file.assertionResults);
  return {
    status,
    all: found.map(({ title, status, failureMessages }) => ({ title, passed: status === "passed", stack: failureMessages[0] })),
  };
}

function passAll({ status, all }, count) {
  assert.deepEqual(
    all.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(all.length, count);
  assert.equal(status, 0);
}

function failAll({ status, all }) {
  assert.deepEqual(
    all.map(({ title }) => title),
    Object.keys(TOLD),
  );
  assert.equal(status, 1);
  for (const { title, passed, stack } of all) {
    assert.ok(!passed, `${title} passed`);
    check(title, stack, join(TESTS, "cases", "wrong.cjs"));
  }
}

for (const pool of ["threads", "forks", "vmThreads"]) {
  test(`vitest with the pool ${pool} passes right publishers and fails wrong ones with the report`, async () => {
    passAll(await results(vitest, ["--pool", pool, "right"]), RIGHT);
    failAll(await results(vitest, ["--pool", pool, "wrong"]));
  });
}

test("vitest without isolation knows the matcher and the end of a test in each file", async () => {
  const { all } = await results(vitest, ["--pool", "threads", "--no-isolate", "--max-workers", "1"]);
  assert.equal(all.filter(({ passed }) => passed).length, RIGHT);
  assert.equal(all.filter(({ passed }) => !passed).length, Object.keys(TOLD).length);
});

test("jest passes right publishers and fails wrong ones with the report", async () => {
  passAll(await results(jest, ["right"]), RIGHT);
  failAll(await results(jest, ["wrong"]));
});

test("node --test passes right publishers and fails wrong ones with the report", async () => {
  const node = (file) => run(process.execPath, ["--test", "--test-reporter", "./node/reporter.mjs", `node/${file}.test.mjs`]);
  const right = await node("right");
  assert.equal(right.status, 0, right.output);
  const wrong = await node("wrong");
  assert.equal(wrong.status, 1);
  const lines = wrong.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const tests = lines.filter(({ title }) => title in TOLD);
  assert.deepEqual(
    tests.map(({ title, passed }) => [title, passed]),
    [
      ["everything again", false],
      ["misspelt fault", false],
    ],
  );
  for (const { title, stack } of tests) {
    check(title, stack.replaceAll("file://", ""), join(TESTS, "node", "wrong.test.mjs"));
  }
});

test("a page is written for each expectation that is not met, with the name of its test, and the failure names it", async () => {
  for (const runner of [vitest, jest]) {
    const folder = join(newFolder(), "new");
    const { all: failed } = await results(runner, ["wrong"], { env: { PUTEVENTS_MOCK_HTML_DIR: folder } });
    const pages = readdirSync(folder).sort();
    assert.deepEqual(pages, ["another-client.html", "everything-again.html", "forgotten.html", "never-met.html"]);
    for (const page of pages) {
      const title = page.replace(".html", "").replace("-", " ");
      const { stack } = failed.find((one) => one.title === title);
      assert.ok(stack.split(/\n\s+at /)[0].endsWith(`\n\npage: ${join(folder, page)}`), stack);
      assert.match(readFileSync(join(folder, page), "utf8"), /<!doctype html>/);
    }
    const page = readFileSync(join(folder, "everything-again.html"), "utf8");
    assert.match(page, /2 events were not accepted exactly once/);
  }
});
