// `putevents-mock/vitest`: the matcher `toMeet`, and the end of mocks at the end of their tests.

import * as vitest from "vitest";
import { useFramework } from "./framework.js";
import { type EventBridgeMatchers, toMeet } from "./matcher.js";

const { expect, onTestFinished, TestRunner } = vitest;
// vitest 4.1 has moved this function.
const getCurrentTest = TestRunner?.getCurrentTest ?? (await import("vitest/suite")).getCurrentTest;

/** Whether vitest knows which test runs. At the same time as tests of `test.concurrent`, it names the one that began last. */
function knowsTest(): boolean {
  const test = getCurrentTest();
  return test !== undefined && !test.concurrent;
}

expect.extend({ toMeet });
useFramework({
  atEnd: (work) => {
    // Otherwise the mock ends with the worker.
    if (knowsTest()) {
      onTestFinished(work);
    }
  },
  testName: () => (knowsTest() ? expect.getState().currentTestName : undefined),
});

declare module "vitest" {
  interface Matchers<T = any> extends EventBridgeMatchers<Promise<void>> {}
}
