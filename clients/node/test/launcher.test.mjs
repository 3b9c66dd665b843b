// The command `putevents-mock` of the package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, INSTALLED, isGone, run, start } from "./helpers.mjs";

const npx = (...args) => run("npx", ["--no-install", "putevents-mock", ...args], { cwd: INSTALLED });

test("npx putevents-mock run gives the tests of a command its mock", async () => {
  const ran = await npx("run", "--", "vitest", "run", "--root", "test/vitest", "right");
  assert.equal(ran.status, 0, ran.output);
  assert.match(ran.output, /Tests {2}13 passed \(13\)/);
});

test("the command ends with the status of the binary", async () => {
  assert.equal((await npx("run", "--", "node", "--eval", "process.exit(3)")).status, 3);
  const wrong = await npx("serve", "--lisen", "127.0.0.1:0");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--lisen/);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  test(`the command passes ${signal} on, and ends with the status of the binary`, async () => {
    const server = start("putevents-mock", ["serve", "--listen", "127.0.0.1:0"]);
    const url = await eventually("the server listens", () => /listening on (\S+)/.exec(server.printed.stdout)?.[1]);
    server.child.kill(signal);
    const { status, output } = await server.ended;
    assert.equal(status, 0, output);
    assert.ok(await isGone(url));
  });
}

test("the command ends by the signal that ended the binary", async () => {
  const command = "process.kill(process.ppid, 'SIGKILL')"; // The parent is the binary.
  const { signal } = await run("putevents-mock", ["run", "--", "node", "--eval", command]);
  assert.equal(signal, "SIGKILL");
});
