// What this package needs of a test framework: the end of a test, and its name.

/** The context of a test: `t` of `node:test`, or the argument of a test of vitest. */
export interface TestContext {
  /** `node:test`: calls `work` after the test. */
  after?(work: () => Promise<void>): void;
  /** vitest: calls `work` after the test. */
  onTestFinished?(work: () => Promise<void>): void;
  readonly name?: string;
  readonly fullName?: string;
  readonly task?: { readonly name: string };
}

/** What an entry such as `putevents-mock/vitest` knows without the context of a test. */
export interface Framework {
  /** Calls `work` at the end of the running test, or later. Does nothing if the end is not known. */
  atEnd(work: () => Promise<void>): void;
  /** The name of the running test, if it is known. */
  testName(): string | undefined;
}

let framework: Framework | undefined;

export function useFramework(known: Framework): void {
  framework = known;
}

export function isTestContext(value: object | undefined): value is TestContext {
  const context = value as TestContext | undefined;
  return typeof context?.after === "function" || typeof context?.onTestFinished === "function";
}

/** Calls `work` at the end of a test. Does nothing if neither a context nor a framework tells the end. */
export function atEnd(test: TestContext | undefined, work: () => Promise<void>): void {
  if (test?.onTestFinished) {
    test.onTestFinished(work);
  } else if (test?.after) {
    test.after(work);
  } else {
    framework?.atEnd(work);
  }
}

/** Returns the name of a test, or of the running one without a context. */
export function testName(test?: TestContext): string | undefined {
  return test === undefined ? framework?.testName() : (test.fullName ?? test.name ?? test.task?.name);
}
