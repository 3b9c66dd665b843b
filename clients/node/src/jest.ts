// `putevents-mock/jest`: the matcher `toMeet`, and the end of mocks at the end of each file of tests.

import type {} from "expect";
import { useFramework } from "./framework.js";
import { type EventBridgeMatchers, toMeet } from "./matcher.js";

interface Jest {
  expect: { extend(matchers: object): void; getState(): { currentTestName?: string } };
  afterAll(work: () => Promise<unknown>): void;
}

// jest provides this module to whatever runs in it, installed or not.
const { afterAll, expect } = require("@jest/globals") as Jest;
const atEnd: (() => Promise<void>)[] = [];

expect.extend({ toMeet });
// Not after each test: tests of `test.concurrent` run at the same time, and jest does not tell which of them has started a mock.
afterAll(() => Promise.all(atEnd.splice(0).map((work) => work())));
useFramework({
  atEnd: (work) => atEnd.push(work),
  testName: () => expect.getState().currentTestName,
});

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends EventBridgeMatchers<R extends void ? Promise<void> : R> {}
  }
}

declare module "expect" {
  interface Matchers<R, T = unknown> extends EventBridgeMatchers<R extends void ? Promise<void> : R> {}
}
