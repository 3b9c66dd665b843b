// The code blocks of README.md do what the text beside them says.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newFolder, run, TESTS, withoutTimes } from "./helpers.mjs";

const README = readFileSync(join(TESTS, "README.md"), "utf8");

/** Writes each block that begins with the name of a file, such as `// orders.ts`, into a new folder. */
function written() {
  const folder = newFolder();
  for (const [, text] of README.matchAll(/^```(?:ts|js)\n([\s\S]*?)^```$/gm)) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1] ?? assert.fail(`a block has no name:\n${text}`);
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const FOLDER = written();

test("the first test fails with the report that the README shows", async () => {
  const shown = /^```text\n([\s\S]*?)^```$/m.exec(README)[1].trimEnd();
  const ran = await run("vitest", ["run", "orders.test.ts"], { cwd: FOLDER });
  assert.equal(ran.status, 1);
  assert.ok(withoutTimes(ran.output).includes(withoutTimes(shown)), ran.output);
});

test("the first test runs with jest too, with its configuration", async () => {
  // jest would need a compiler for TypeScript, so its test is the same in JavaScript.
  const test = readFileSync(join(FOLDER, "orders.test.ts"), "utf8")
    .replace(/^import (\{.*\}) from "(.*)";$/gm, 'const $1 = require("$2");')
    .replace(/^.*vitest.*$\n/gm, "")
    .replace('"./orders.js"', '"../../shop.cjs"')
    .replaceAll("publishOrders", "publishAllAgain");
  writeFileSync(join(FOLDER, "orders.test.js"), test);
  const ran = await run("jest", ["--rootDir", FOLDER, "--transform", "{}", "orders.test.js"], { cwd: FOLDER });
  assert.equal(ran.status, 1, ran.output);
  assert.match(ran.output, /2 events were not accepted exactly once/);
});

test("the test for node --test passes", async () => {
  const ran = await run(process.execPath, ["--test", "orders.test.mjs"], { cwd: FOLDER });
  assert.equal(ran.status, 0, ran.output);
});

test("the search finds the bug of the publisher", async () => {
  const ran = await run("vitest", ["run", "search.test.ts"], { cwd: FOLDER });
  assert.equal(ran.status, 1, ran.output);
  assert.match(ran.output, /Resent: only entries that failed are sent again/);
});

test("the blocks have sound types", async () => {
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "--skipLibCheck"];
  const ran = await run("tsc", [...options, "orders.ts", "orders.test.ts", "search.test.ts"], { cwd: FOLDER });
  assert.equal(ran.status, 0, ran.output);
});

test("the table of methods names every method", async () => {
  const { MockEventBridge } = await import("putevents-mock");
  for (const name of Object.getOwnPropertyNames(MockEventBridge.prototype).filter((name) => name !== "constructor")) {
    assert.ok(README.includes(`${name}(`), `README.md does not name ${name}()`);
  }
});
