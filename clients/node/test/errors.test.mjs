// What somebody is told whose mock does not start or does not reply.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { test } from "node:test";
import { INSTALLED, run, script } from "./helpers.mjs";

const PLATFORM = `${process.platform}-${process.arch}`;
const NO_BINARY =
  `there is no binary of putevents-mock for ${PLATFORM}: run \`npm install\` without --omit=optional, ` +
  "or run `cargo install putevents-mock --features cli` and set PUTEVENTS_MOCK_BINARY to its path";

/** Prints the error of `startEventBridge`: its message, and whether it names the line of the call. */
const STARTING = `
  import { startEventBridge } from "putevents-mock";
  try {
    await startEventBridge();
  } catch (error) {
    console.log(error.message);
    console.log(error.stack.split("\\n").filter((line) => /^ +at /.test(line))[0]);
  }
`;
const AT_THE_CALL = /\n +at file:\/\/.*\[eval1\]:4:11\n$/;

/** Returns what `startEventBridge` is told, and checks that it is told it at the line of the call. */
async function told(options) {
  const { stdout, output } = await script(STARTING, options);
  assert.match(stdout, AT_THE_CALL, output);
  return stdout.replace(AT_THE_CALL, "");
}

/** A folder with this package, but without the package of the platform. It is gone after the test. */
function withoutBinary(t) {
  const folder = mkdtempSync(join(tmpdir(), "no-binary-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  cpSync(join(INSTALLED, "node_modules", "putevents-mock"), join(folder, "node_modules", "putevents-mock"), {
    recursive: true,
  });
  return folder;
}

test("without a binary, the helper and the command say how to get one", async (t) => {
  const cwd = withoutBinary(t);
  assert.equal(await told({ cwd }), NO_BINARY);
  const command = await run(process.execPath, ["node_modules/putevents-mock/bin/putevents-mock", "serve"], { cwd });
  assert.deepEqual([command.status, command.stderr], [2, `putevents-mock: ${NO_BINARY}\n`]);
});

test("PUTEVENTS_MOCK_BINARY names the binary, and is named where it is wrong", async (t) => {
  const binary = join(INSTALLED, "node_modules", "@putevents-mock", PLATFORM, "bin", "putevents-mock");
  const command = ["node_modules/putevents-mock/bin/putevents-mock", "--version"];
  const good = { cwd: withoutBinary(t), env: { PUTEVENTS_MOCK_BINARY: binary } };
  assert.match((await run(process.execPath, command, good)).stdout, /^putevents-mock \d/);
  const wrong = { ...good, env: { PUTEVENTS_MOCK_BINARY: "/nowhere/mock" } };
  const message = "cannot start /nowhere/mock: there is no such file; PUTEVENTS_MOCK_BINARY names it";
  assert.equal((await run(process.execPath, command, wrong)).stderr, `putevents-mock: ${message}\n`);
  assert.equal(await told(wrong), message);
});

test("a port of PUTEVENTS_MOCK_LISTEN that is taken is reported with the binary's words", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = `127.0.0.1:${other.address().port}`;
  const message = await told({ env: { PUTEVENTS_MOCK_LISTEN: address } });
  assert.match(message, new RegExp(`^cannot listen on ${address}: .*; --listen 127\\.0\\.0\\.1:0 takes a free port$`));
  other.close();
});

test("a server that is not there is named", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address();
  free.close();
  await once(free, "close");
  const message = await told({ env: { PUTEVENTS_MOCK_URL: `http://127.0.0.1:${port}` } });
  assert.match(
    message,
    new RegExp(`^the server of putevents-mock does not reply \\(connect ECONNREFUSED 127.0.0.1:${port}\\): PUT http://127`),
  );
});

test("a server that ends during a test is reported, and the next mock gets a new one", async () => {
  const ran = await script(`
    import { readFileSync } from "node:fs";
    import { startEventBridge } from "putevents-mock";
    import { eventually, isGone } from "./helpers.mjs";
    const first = await startEventBridge();
    const children = readFileSync(\`/proc/self/task/\${process.pid}/children\`, "utf8").trim().split(" ");
    children.forEach((child) => process.kill(Number(child), "SIGKILL"));
    await eventually("the server is gone", () => isGone(first.url));
    await first.assertMeets({ publishedCount: 0 }).catch((error) => console.log(error.message));
    await first.stop();
    await (await startEventBridge()).assertMeets({ publishedCount: 0 });
    console.log("as expected");
  `);
  if (process.platform === "linux") {
    assert.match(
      ran.stdout,
      /^the server of putevents-mock does not reply \(connect ECONNREFUSED [\d.:]+\): it ended with SIGKILL\nas expected\n$/,
      ran.output,
    );
  }
});
