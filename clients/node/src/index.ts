// `putevents-mock`: a mock of Amazon EventBridge's PutEvents for tests in JavaScript and TypeScript.

export type { ClientConfig } from "./client-config.js";
export type { Environment } from "./environment.js";
export { type MeetOptions, MockEventBridge, startEventBridge, type WaitFor } from "./eventbridge.js";
export { publisherCheck, type Run, type SaidByPublisher, type SearchFlags } from "./publisher-check.js";
export type { TestContext } from "./framework.js";
export type {
  Attempt,
  EntryError,
  Event,
  Expectation,
  Fault,
  InjectedFault,
  Journal,
  Limits,
  Matcher,
  Operation,
  Plan,
  Reported,
  RequestError,
  Session,
} from "./plan.js";
