// `putevents-mock/vitest`: the matcher `toMeet`, and the end of mocks at the end of their tests.

import * as vitest from "vitest";
import type { MockEventBridge } from "./eventbridge.js";
import { useFramework } from "./framework.js";
import { type EventBridgeMatchers, toMeet } from "./matcher.js";

const { expect, onTestFinished, TestRunner } = vitest;
// Before vitest 4.1 this function stood in a module that vitest 5 no longer has.
const older = "vitest/suite";
const getCurrentTest = TestRunner?.getCurrentTest ?? ((await import(older)).getCurrentTest as typeof TestRunner.getCurrentTest);

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

// Not the interface `Matchers`: its type parameters differ from version to version of vitest.
declare module "vitest" {
  interface ExpectStatic {
    (
      mock: MockEventBridge,
      message?: string,
    ): vitest.Assertion & EventBridgeMatchers<Promise<void>> & { not: EventBridgeMatchers<Promise<void>> };
  }
}
