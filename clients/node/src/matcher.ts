// The matcher `toMeet` of vitest and jest.

import { type Call, callOf, errorAt } from "./caller.js";
import { JUDGE, type MeetOptions, type MockEventBridge, REPORT } from "./eventbridge.js";
import type { Expectation } from "./plan.js";

/** The matchers that `putevents-mock/vitest` and `putevents-mock/jest` add to `expect`. */
export interface EventBridgeMatchers<R> {
  /**
   * Checks expectations of the mock, as in plans: `await expect(eventbridge).toMeet({ noneLost: true })`. Fails with the report
   * of the mock. The last argument can be `{ limitMs: 5000 }`: then it waits at most that long until they are met.
   */
  toMeet(...expectations: Expectation[]): R;
  toMeet(...expectationsAndOptions: [...Expectation[], MeetOptions]): R;
}

const NO_MOCK =
  "toMeet checks a mock: write `expect(eventbridge).toMeet({ noneLost: true })` with the value of `await startEventBridge()`";

interface MatcherContext {
  isNot?: boolean;
}

interface Result {
  pass: boolean;
  message(): string;
}

/** Throws where it fails: then the error is shown at the line of the test in every framework, however the test awaits it. */
export async function toMeet(
  this: MatcherContext,
  received: unknown,
  ...expectations: (Expectation | MeetOptions)[]
): Promise<Result> {
  const call = withoutFramework(callOf(toMeet));
  const eventbridge = received as MockEventBridge | undefined;
  if (typeof eventbridge?.[JUDGE] !== "function") {
    throw errorAt(call, NO_MOCK);
  }
  const { report } = await eventbridge[JUDGE](call, expectations);
  if (this.isNot && report === undefined) {
    const asked = expectations.map((expectation) => `  ${JSON.stringify(expectation)}\n`).join("");
    throw errorAt(call, `all expectations are met, and at least one should not be\n\n${asked}\n${await eventbridge.report()}`);
  }
  if (!this.isNot && report !== undefined) {
    throw errorAt(call, await eventbridge[REPORT](call, report, expectations));
  }
  return { pass: report === undefined, message: () => report ?? "all expectations are met" };
}

/** Removes the lines of `expect` itself, so that the line of the test comes first. */
function withoutFramework(call: Call): Call {
  const lines = call.split("\n");
  const first = lines.findIndex((line) => !line.includes("node_modules"));
  return lines.slice(Math.max(first, 0)).join("\n");
}
