// The server of this process: one for each worker of a test framework, started when the first test asks for it.

import * as childProcess from "node:child_process";
import type { Socket } from "node:net";
import { binaryPath, notStarted } from "./binary.js";
import { Logs } from "./logs.js";

// The real one, also if a test replaces it.
const spawn = childProcess.spawn;
const READY = /^putevents-mock listening on (http:\/\/\S+)\n/;

interface Shared {
  url?: string;
  starting?: Promise<string>;
  /** How the last server ended, if it ended by itself. */
  ended?: string;
  /** The changes of the environment that `putevents-mock env` prints, for each URL. */
  environments: Map<string, Promise<string>>;
}

/**
 * Returns what all modules of this process share. jest gives each file of a worker its own globals and its own copy of this
 * module, and vitest can do so too. The modules of Node.js are the only objects that these copies have in common.
 */
export function shared(): Shared {
  const home = spawn as typeof spawn & { [key: symbol]: Shared | undefined };
  const key = Symbol.for("putevents-mock.server");
  return (home[key] ??= { environments: new Map() });
}

/**
 * Returns the URL of the server: the one in PUTEVENTS_MOCK_URL, or that of the server of this process.
 *
 * @throws Error with the binary's own words if the server cannot be started.
 */
export async function serverUrl(): Promise<string> {
  const given = process.env.PUTEVENTS_MOCK_URL;
  if (given) {
    return given.replace(/\/+$/, "");
  }
  const state = shared();
  if (state.url !== undefined) {
    return state.url;
  }
  state.starting ??= start(state);
  return state.starting;
}

/** Starts a server, and returns its URL as soon as it listens. */
function start(state: Shared): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = binaryPath();
    const logs = new Logs();
    // The server ends when its standard input ends: when this process is gone, however it ended.
    const child = spawn(path, ["serve", "--until-stdin-ends"], {
      env: environmentOfServer(),
      stdio: ["pipe", "pipe", logs.fd],
    });
    const ended = (message: string) => {
      logs.close();
      reject(new Error(message));
      delete state.url;
      delete state.starting;
    };
    child.on("error", (error) => ended(notStarted(path, error)));
    child.on("exit", (status, signal) => {
      const how = signal === null ? `status ${status}` : signal;
      const said = logs.text().replace(/^putevents-mock: /, "");
      state.ended = `it ended with ${how}\n${said}`;
      ended(said || `${path} ended with ${how} and said nothing`);
    });
    child.stdin?.on("error", () => {}); // The server has ended, and `exit` says so.
    let printed = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const url = READY.exec(printed)?.[1];
      if (url !== undefined && state.url === undefined) {
        state.url = url;
        letGo(child);
        resolve(url);
      }
    });
  });
}

/** Returns the environment of this process. Its settings win over a free port and the number of mocks for a large file of tests. */
function environmentOfServer(): NodeJS.ProcessEnv {
  const settings = Object.entries(process.env).filter(([, value]) => value !== "");
  return { PUTEVENTS_MOCK_LISTEN: "127.0.0.1:0", PUTEVENTS_MOCK_MAX_SESSIONS: "10000", ...Object.fromEntries(settings) };
}

/** Lets this process end although the server and its pipes are open. */
function letGo(child: childProcess.ChildProcess): void {
  child.unref();
  (child.stdin as Socket | null)?.unref();
  (child.stdout as Socket | null)?.unref();
}
