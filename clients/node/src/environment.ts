// The environment in which AWS SDKs find a mock.

import { execFile } from "node:child_process";
import { binaryPath, notStarted } from "./binary.js";
import { shared } from "./server.js";

/** The variables of an environment, for the option `env` of a child process. */
export type Environment = Record<string, string>;

/** Changes of an environment: the value of a variable, or `null` for a variable that is removed. */
export type Changes = Record<string, string | null>;

/** Returns the environment of this process with changes. */
export function changed(changes: Changes): Environment {
  const environment: Record<string, string | null | undefined> = { ...process.env, ...changes };
  const there = Object.entries(environment).filter((variable): variable is [string, string] => typeof variable[1] === "string");
  return Object.fromEntries(there);
}

/** Returns the changes with which AWS SDKs find a server. The binary knows them; it is asked once for each server. */
export async function changesFor(url: string): Promise<Changes> {
  const known = shared().environments;
  const asked = known.get(url) ?? printed(url);
  known.set(url, asked);
  return JSON.parse(await asked) as Changes;
}

function printed(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = binaryPath();
    execFile(path, ["env", "--url", url], { env: process.env }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      shared().environments.delete(url);
      reject(new Error(stderr.trim() || notStarted(path, error as NodeJS.ErrnoException)));
    });
  });
}
