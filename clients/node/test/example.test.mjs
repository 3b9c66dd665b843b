// examples/typescript does what its README says, and finds a mistake.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { INSTALLED, run, TESTS, withoutTimes } from "./helpers.mjs";

const EXAMPLE = join(TESTS, "example");
const REPORT = readFileSync(join(TESTS, "resends-the-batch.txt"), "utf8").trimEnd();
const npm = (args, env) => run("npm", args, { cwd: EXAMPLE, env });

/** A text without the indentation of the reporter. */
const flat = (text) => withoutTimes(text).replace(/^ +/gm, "");

test("the example has the versions of packages that are installed here", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(EXAMPLE, "package.json"), "utf8"));
  const { "putevents-mock": ours, ...others } = { ...dependencies, ...devDependencies };
  assert.equal(ours, "latest");
  const installed = JSON.parse(readFileSync(join(INSTALLED, "package.json"), "utf8")).dependencies;
  assert.deepEqual(others, Object.fromEntries(Object.keys(others).map((name) => [name, installed[name]])));
});

test("the example has sound types and passes", async () => {
  const types = await npm(["run", "types"]);
  assert.equal(types.status, 0, types.output);
  const ran = await npm(["test"]);
  assert.equal(ran.status, 0, ran.output);
  assert.match(ran.output, /pass 4\n/);
});

test("the example shows the report of a wrong publisher at the line of the test", async () => {
  const ran = await npm(["test"], { WRONG: "1" });
  assert.equal(ran.status, 1, ran.output);
  assert.ok(flat(ran.output).includes(flat(REPORT)), ran.output);
  assert.match(ran.output, /accepted in #1 already\n +at .*\/test\/shop\.test\.ts:\d+:\d+\)\n/);
  assert.match(ran.output, /pass 3\n/);
});

test("the example finds a mistake", async () => {
  const file = join(EXAMPLE, "src", "shop.ts");
  const before = readFileSync(file, "utf8");
  const line = "          again.push(order);";
  assert.ok(before.includes(line));
  writeFileSync(file, before.replace(line, "          again.splice(0, again.length, ...open);"));
  try {
    const ran = await npm(["test"]);
    assert.equal(ran.status, 1, ran.output);
    assert.match(ran.output, /✖ sends again only the order that failed/);
  } finally {
    writeFileSync(file, before);
  }
});
