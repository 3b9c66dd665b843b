// What the tests of the package have in common: commands, and waiting.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const TESTS = dirname(fileURLToPath(import.meta.url));
/** The folder with the installed packages. */
export const INSTALLED = dirname(TESTS);
const BIN = join(INSTALLED, "node_modules", ".bin");

const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|PUTEVENTS_MOCK_|NODE_|VITEST|JEST_|FORCE_COLOR|GITHUB_)|_proxy$/i.test(name),
  ),
);
const ENVIRONMENT = {
  ...INHERITED,
  PATH: `${BIN}:${process.env.PATH}`,
  NO_COLOR: "1",
  NODE_NO_WARNINGS: "1",
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

/** Starts a command without any settings of the user. `ended` resolves to what it printed and how it ended. */
export function start(command, args, { env = {}, cwd = TESTS } = {}) {
  const child = spawn(command, args, { cwd, env: { ...ENVIRONMENT, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "", output: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      printed[stream] += text;
      printed.output += text;
    });
  }
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status, signal, ...printed }));
  });
  return { child, ended, printed };
}

export function run(command, args, options) {
  return start(command, args, options).ended;
}

/** Runs a module that is given as text, below the tests, so that it finds the packages. */
export function script(text, options) {
  return run(process.execPath, ["--input-type=module", "--eval", text], options);
}

export const vitest = (args, options) => run("vitest", ["run", "--root", "vitest", ...args], options);
export const jest = (args, options) => run("jest", ["--config", "jest/jest.config.cjs", ...args], options);

/** Waits until `check` returns something, for at most 30 seconds. */
export async function eventually(what, check) {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = await check();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`not within 30 s: ${what}`);
    }
    await setTimeout(20);
  }
}

/** Whether nothing listens at the URL of a server. */
export async function isGone(url) {
  try {
    await fetch(`${url}/_mock/health`);
    return false;
  } catch (error) {
    return ["ECONNREFUSED", "ECONNRESET"].includes(error.cause?.code) || /socket/.test(error.cause?.message);
  }
}

/** A new folder below the tests, so that what stands in it finds the packages. */
export function newFolder() {
  mkdirSync(join(TESTS, "made"), { recursive: true });
  return mkdtempSync(join(TESTS, "made", "folder-"));
}

/** The lines of a file, none if it is not there. */
export function linesOf(file) {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

/** A text with `#.### s` for each time. */
export function withoutTimes(text) {
  return text
    .replace(/\+\d+\.\d+ s/g, "+#.### s")
    .replace(/:\d{4,5}\b/g, ":PORT")
    .replace(/test-[0-9a-f-]{36}/g, "test-NAME");
}
