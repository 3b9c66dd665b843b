// A mock of EventBridge for each test. All are served by one `putevents-mock run`, which tells them apart by the access key id.

import { randomUUID } from "node:crypto";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";

/** What is needed of the context of a test: that of `node:test` has it. */
interface Test {
  after(work: () => Promise<void>): void;
}

export class MockEventBridge {
  readonly #name = `test-${randomUUID()}`;
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** A mock that is there until the test ends. */
  static async start(test: Test): Promise<MockEventBridge> {
    const url = process.env.PUTEVENTS_MOCK_URL;
    if (!url) {
      throw told("there is no mock: run the tests as `putevents-mock run -- npm test`", callOf(MockEventBridge.start));
    }
    const mock = new MockEventBridge(url);
    await mock.#call("PUT", "", undefined, MockEventBridge.start);
    test.after(() => mock.#call("DELETE", "", undefined, MockEventBridge.start));
    return mock;
  }

  client(): EventBridgeClient {
    return new EventBridgeClient({
      endpoint: this.#url,
      region: "us-east-1",
      credentials: { accessKeyId: this.#name, secretAccessKey: "test" },
    });
  }

  /** Says what goes wrong, as in a plan. */
  async goesWrong(...faults: object[]): Promise<void> {
    await this.#call("POST", "/faults", faults, this.goesWrong);
  }

  /** Fails with the report of the mock where an expectation, as in a plan, is not met. */
  async expect(...expectations: object[]): Promise<void> {
    await this.#call("POST", "/assertions", expectations, this.expect);
  }

  async #call(method: string, path: string, body: unknown, caller: Function): Promise<void> {
    const call = callOf(caller); // After the first `await` the line of the test is gone.
    const answer = await fetch(`${this.#url}/_mock/sessions/${this.#name}${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!answer.ok) {
      const said = (await answer.json()) as { report?: string; message?: string };
      throw told(said.report ?? said.message ?? `HTTP ${answer.status}`, call);
    }
  }
}

/** The lines of the stack that lead to the call of this function, without those of Node.js: the line of the test. */
function callOf(caller: Function): string {
  const at = { stack: "" };
  Error.captureStackTrace(at, caller);
  const lines = at.stack.split("\n").slice(1);
  return lines.filter((line) => !line.includes("node:")).join("\n");
}

/** An error that is shown as its message and the line of the test. */
function told(message: string, call: string): Error {
  const error = new Error(message.trimEnd());
  error.stack = `${error.message}\n${call}`;
  return error;
}
