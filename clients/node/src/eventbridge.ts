// A mock of EventBridge for one test: a session of the server, which the access key id of a client chooses.

import { randomUUID } from "node:crypto";
import { messageOfReply, type Reply, send } from "./api.js";
import { type Call, callOf, errorAt, messageOf } from "./caller.js";
import { type ClientConfig, clientConfigFor } from "./client-config.js";
import { changed, changesFor, type Environment } from "./environment.js";
import { atEnd, isTestContext, testName, type TestContext } from "./framework.js";
import { folderOfPages, keepPage } from "./pages.js";
import type { Event, Expectation, Fault, InjectedFault, Journal, Operation, Plan } from "./plan.js";
import { serverUrl } from "./server.js";

/** How long to wait until expectations are met, in milliseconds: 0 to 300,000. Without it, they are judged at once. */
export type MeetOptions = { limitMs: number } & { [member in keyof Everything<Expectation>]?: never };
type Everything<T> = T extends unknown ? { [member in keyof T]: unknown } : never;

/** What to wait for: one of the first three members. */
export interface WaitFor {
  /** At least this number of published events. */
  published?: number;
  /** At least this number of requests, for any operation. */
  attempts?: number;
  /** Nothing was received or in progress for this time, in milliseconds. */
  idleMs?: number;
  /** How long to wait at most, in milliseconds. The default is 10,000, the maximum 300,000. */
  limitMs?: number;
}

/** The verdict on expectations: no report if all are met. @internal */
export interface Verdict {
  report?: string;
}

/**
 * Starts a mock of EventBridge that no other test sees.
 *
 * The first call in a worker of the test framework starts a server, which all mocks of this worker share and which ends with the
 * worker. If PUTEVENTS_MOCK_URL is set, as by `putevents-mock run`, the mock is on that server.
 *
 * @param test The context of the test: the mock is stopped at its end. `putevents-mock/vitest` and `putevents-mock/jest` stop it
 *   without a context. Otherwise call `stop()`, or write `await using`.
 * @param plan Faults, expectations and settings such as `knownBuses`. Without it, the plan of the server applies.
 * @throws Error if there is no binary, if the server cannot start, or if the plan is not valid.
 */
export function startEventBridge(plan?: Plan): Promise<MockEventBridge>;
export function startEventBridge(test: TestContext | undefined, plan?: Plan): Promise<MockEventBridge>;
export async function startEventBridge(testOrPlan?: TestContext | Plan, second?: Plan): Promise<MockEventBridge> {
  const call = callOf(startEventBridge);
  const [test, plan] = isTestContext(testOrPlan)
    ? [testOrPlan, second]
    : [undefined, second ?? (testOrPlan as Plan | undefined)];
  const name = testName(test);
  const url = await serverUrl().catch((error) => {
    throw errorAt(call, messageOf(error));
  });
  const eventbridge = new MockEventBridge(url, name);
  await eventbridge[REQUEST](call, "PUT", "", plan);
  atEnd(test, () => eventbridge.stop());
  return eventbridge;
}

// Methods that other files of this package use.
/** @internal */
export const REQUEST = Symbol.for("putevents-mock.request");
/** @internal */
export const JUDGE = Symbol.for("putevents-mock.judge");
/** @internal */
export const REPORT = Symbol.for("putevents-mock.report");

// jest's globals have no Symbol.asyncDispose with Node.js 20. Compilers then take this one.
const DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

/** A mock of EventBridge. `startEventBridge` returns it. */
export class MockEventBridge {
  /** The URL of the server: the endpoint of clients. */
  readonly url: string;
  /** The access key id that leads a client to this mock, and the name of its session. */
  readonly accessKeyId = `test-${randomUUID()}`;
  readonly #title: string | undefined;
  #stopped = false;

  /** @internal */
  constructor(url: string, title: string | undefined) {
    this.url = url;
    this.#title = title;
  }

  /** Returns the configuration of a client: `new EventBridgeClient(eventbridge.clientConfig())`. */
  clientConfig(): ClientConfig {
    return clientConfigFor(this.url, this.accessKeyId);
  }

  /**
   * Returns the environment of a child process that publishes to this mock: the environment of this process, with the variables
   * changed that AWS SDKs read. `spawn(command, { env: await eventbridge.environment() })`.
   *
   * @throws Error if there is no binary.
   */
  async environment(): Promise<Environment> {
    const call = callOf(this.environment);
    const changes = await changesFor(this.url).catch((error) => {
      throw errorAt(call, messageOf(error));
    });
    return changed({ ...changes, AWS_ACCESS_KEY_ID: this.accessKeyId });
  }

  /**
   * Injects faults. The mock consults them in the order of their injection.
   *
   * @throws Error with the API's words if a fault is not valid. No fault is injected then.
   */
  async inject(...faults: Fault[]): Promise<void> {
    await this[REQUEST](callOf(this.inject), "POST", "/faults", faults);
  }

  /** Returns the injected faults, each with how often it has applied. */
  async faults(): Promise<InjectedFault[]> {
    const reply = await this[REQUEST](callOf(this.faults), "GET", "/faults");
    return (JSON.parse(reply.text) as { faults: InjectedFault[] }).faults;
  }

  /** Removes all faults. Outcomes that they caused stay in the journal. */
  async clearFaults(): Promise<void> {
    await this[REQUEST](callOf(this.clearFaults), "DELETE", "/faults");
  }

  /** Sets the body of the reply to an operation other than PutEvents, such as `answer("ListRules", { Rules: [] })`. */
  async answer(operation: Operation, body: Record<string, unknown>): Promise<void> {
    await this[REQUEST](callOf(this.answer), "PUT", `/answers/${encodeURIComponent(operation)}`, body);
  }

  /**
   * Checks expectations, as in plans. Without arguments, checks those of the plan. The last argument can be `{ limitMs: 5000 }`:
   * then it waits at most that long until they are met.
   *
   * @throws Error whose message is the report if an expectation is not met, or the API's words if one is not valid.
   */
  assertMeets(...expectations: Expectation[]): Promise<void>;
  assertMeets(...expectationsAndOptions: [...Expectation[], MeetOptions]): Promise<void>;
  async assertMeets(...expectations: (Expectation | MeetOptions)[]): Promise<void> {
    const call = callOf(this.assertMeets);
    const { report } = await this[JUDGE](call, expectations);
    if (report !== undefined) {
      throw errorAt(call, await this[REPORT](call, report, expectations));
    }
  }

  /**
   * Waits for published events, for requests, or for silence.
   *
   * @throws Error with what arrived if the time limit is over first.
   */
  async wait(what: WaitFor): Promise<void> {
    const query = new URLSearchParams(Object.entries(what).map(([member, value]): [string, string] => [member, String(value)]));
    await this[REQUEST](callOf(this.wait), "GET", `/wait?${query}`);
  }

  /** Returns the accepted events in the order of their acceptance, as the targets of rules would receive them. */
  async published(): Promise<Event[]> {
    const reply = await this[REQUEST](callOf(this.published), "GET", "/published");
    return (JSON.parse(reply.text) as { published: Event[] }).published;
  }

  /** Returns the journal: every request with its reply, as bytes and as entries with their outcomes. */
  async journal(): Promise<Journal> {
    return JSON.parse((await this[REQUEST](callOf(this.journal), "GET", "/journal")).text) as Journal;
  }

  /** Returns the timeline of all requests as text. */
  async report(): Promise<string> {
    return (await this[REQUEST](callOf(this.report), "GET", "/report")).text;
  }

  /**
   * Returns the journal as an HTML page. Expectations that are not met stand at its top. Without arguments, these are the
   * expectations of the plan.
   */
  async page(...expectations: Expectation[]): Promise<string> {
    return (await this[REQUEST](callOf(this.page), "POST", "/page", bodyOf(expectations))).text;
  }

  /** Stops the mock. A second call does nothing. */
  async stop(): Promise<void> {
    if (this.#stopped) {
      return;
    }
    this.#stopped = true;
    // If the server has ended, so has the mock.
    await send("DELETE", this.#path("")).catch(() => {});
  }

  /** Stops the mock at the end of an `await using`. */
  async [DISPOSE](): Promise<void> {
    await this.stop();
  }

  /** Sends a request about this mock. Any reply but a success is an error at the line of the call. @internal */
  async [REQUEST](call: Call, method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await this.#send(call, method, path, body);
    if (reply.status >= 300) {
      throw errorAt(call, messageOfReply(reply));
    }
    return reply;
  }

  /** Judges expectations. @internal */
  async [JUDGE](call: Call, expectations: (Expectation | MeetOptions)[]): Promise<Verdict> {
    const limit = limitOf(expectations);
    const query = limit === undefined ? "" : `?limitMs=${limit}`;
    const reply = await this.#send(call, "POST", `/assertions${query}`, bodyOf(expectations));
    if (reply.status === 409) {
      return JSON.parse(reply.text) as { report: string };
    }
    if (reply.status >= 300) {
      throw errorAt(call, messageOfReply(reply));
    }
    return {};
  }

  /** Returns the report, and where its page is if PUTEVENTS_MOCK_HTML_DIR is set. @internal */
  async [REPORT](call: Call, report: string, expectations: (Expectation | MeetOptions)[]): Promise<string> {
    const folder = folderOfPages();
    if (folder === undefined) {
      return report;
    }
    const title = this.#title ?? testName() ?? this.accessKeyId;
    const where = await this[REQUEST](call, "POST", "/page", bodyOf(expectations)).then(
      (page) => keepPage(folder, title, page.text),
      (error) => `page: not written, ${messageOf(error)}`,
    );
    return `${report.trimEnd()}\n\n${where}`;
  }

  #path(path: string): string {
    return `${this.url}/_mock/sessions/${this.accessKeyId}${path}`;
  }

  #send(call: Call, method: string, path: string, body?: unknown): Promise<Reply> {
    return send(method, this.#path(path), body).catch((error) => {
      throw errorAt(call, messageOf(error));
    });
  }
}

/** Returns the time limit, if the last argument is the options and not an expectation. */
function limitOf(args: (Expectation | MeetOptions)[]): number | undefined {
  const last = args.at(-1);
  const isOptions = last !== undefined && Object.keys(last).join() === "limitMs";
  return isOptions ? (last as MeetOptions).limitMs : undefined;
}

/** Returns the expectations as the body of a request. No expectations are those of the plan. */
function bodyOf(args: (Expectation | MeetOptions)[]): unknown {
  const expectations = limitOf(args) === undefined ? args : args.slice(0, -1);
  return expectations.length === 0 ? undefined : expectations.length === 1 ? expectations[0] : expectations;
}
