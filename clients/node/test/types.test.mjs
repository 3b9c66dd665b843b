// The types of faults, expectations and matchers: test/types has lines that must not compile.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./helpers.mjs";

test("TypeScript knows what is right, and finds typing errors", async () => {
  const ran = await run("tsc", ["--project", "types"]);
  assert.equal(ran.status, 0, ran.output);
});
