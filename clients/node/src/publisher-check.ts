// The search of fault schedules by `putevents-mock explore`, for a publisher that is a function.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { binaryPath, notStarted } from "./binary.js";
import { callOf, errorAt, messageOf } from "./caller.js";
import { type ClientConfig, clientConfigFor } from "./client-config.js";
import { type Changes, changed, type Environment } from "./environment.js";
import { Logs } from "./logs.js";

/** One run of the publisher, against a mock of its own. */
export interface Run {
  /** The configuration of a client: `new EventBridgeClient(clientConfig)`. */
  clientConfig: ClientConfig;
  /** The environment for a child process that publishes. */
  environment: Environment;
  /** The URL of the mock. */
  url: string;
  /** The events to publish, if there is a flag `events`: the first ones of that list. */
  events: any[];
  /** Is aborted if the publisher is not done after `runTime`, 30 seconds by default. If it then ends, the search goes on. */
  signal: AbortSignal;
}

/**
 * What the publisher says of its events: the values at `identifyBy` in their details, or matchers as in plans. Nothing means that
 * all events were published.
 */
export type SaidByPublisher = void | "allPublished" | { published?: unknown[]; failed?: unknown[]; unknown?: unknown[] };

/**
 * The flags of `putevents-mock explore`, in camelCase: `{ identifyBy: "/orderId", runs: 20, time: "30s" }`. `true` sets a flag
 * without a value, a list repeats the flag. `events` is the list of events to publish, or the path of a file with it.
 */
export interface SearchFlags {
  identifyBy?: string;
  events?: unknown[] | string;
  runs?: number;
  time?: string;
  [flag: string]: unknown;
}

/**
 * Runs a publisher with many small combinations of faults, and returns the report if it breaks no rule. Each run calls `publish`
 * with a mock of its own. The search takes up to a minute (`time`), so raise the time limit of the test.
 *
 * @param publish Publishes the same events in each run. If it throws, some events were not published.
 * @throws Error whose message is the report if the publisher breaks a rule or nothing could be judged, and the binary's words if a
 *   flag is not valid.
 */
export async function publisherCheck(
  publish: (run: Run) => Promise<SaidByPublisher>,
  flags: SearchFlags = {},
): Promise<string> {
  const call = callOf(publisherCheck);
  const folder = mkdtempSync(join(tmpdir(), "putevents-mock-"));
  try {
    const { status, report } = await explore(publish, argumentsOf(flags, folder));
    if (status === 0) {
      return report;
    }
    throw new Error(report);
  } catch (error) {
    throw errorAt(call, messageOf(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsOf(flags: SearchFlags, folder: string): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (name === "events" && Array.isArray(value)) {
      const file = join(folder, "events.json");
      writeFileSync(file, JSON.stringify(value));
      return [flag, file];
    }
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.flatMap((one) => (one === undefined || one === false ? [] : one === true ? [flag] : [flag, String(one)]));
  });
}

interface RunLine {
  run: number;
  url: string;
  environment: Changes;
  events?: unknown[];
}

/** The publisher took too long, and the mock of this run is gone. */
interface StopLine {
  stop: number;
}

interface EndLine {
  status: number;
  report: string;
}

/** Drives `explore`: it says what to run, one JSON a line, and reads what came of each run. */
function explore(publish: (run: Run) => Promise<SaidByPublisher>, flags: string[]): Promise<EndLine> {
  return new Promise((resolve, reject) => {
    const path = binaryPath();
    const logs = new Logs();
    const child = spawn(path, ["explore", "--over-stdio", ...flags], { env: process.env, stdio: ["pipe", "pipe", logs.fd] });
    const { stdin, stdout } = child;
    let end: EndLine | undefined;
    let running = new AbortController();
    const take = async (line: string) => {
      const said = JSON.parse(line) as RunLine | StopLine | EndLine;
      if ("run" in said) {
        running = new AbortController();
        stdin?.write(`${JSON.stringify({ run: said.run, ...(await resultOf(publish, said, running.signal)) })}\n`);
      } else if ("stop" in said) {
        running.abort();
      } else {
        end = said;
      }
    };
    const stop = (error: Error) => {
      child.kill();
      reject(error);
    };
    stdin?.on("error", () => {}); // The search has ended, and `close` says so.
    if (stdout) {
      createInterface({ input: stdout }).on("line", (line) => take(line).catch(stop));
    }
    child.on("error", (error) => reject(new Error(notStarted(path, error))));
    child.on("close", (status, signal) => {
      const said = logs.text();
      logs.close();
      if (end === undefined) {
        reject(new Error(said || `the search ended with ${signal ?? `status ${status}`} and said nothing`));
      } else {
        resolve(end);
      }
    });
  });
}

async function resultOf(
  publish: (run: Run) => Promise<SaidByPublisher>,
  { url, environment, events = [] }: RunLine,
  signal: AbortSignal,
): Promise<object> {
  const clientConfig = clientConfigFor(url, environment.AWS_ACCESS_KEY_ID ?? "");
  try {
    const said = await publish({ clientConfig, environment: changed(environment), url, events, signal });
    return { reported: said ?? "allPublished" };
  } catch (error) {
    return { raised: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
