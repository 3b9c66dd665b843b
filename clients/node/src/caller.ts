// Errors that are shown at the line of the test, also after an `await`, when that line is no longer on the stack.

/** The lines of a stack that lead to the call of a function. */
export type Call = string;

/** Returns the stack from the caller of `called` on, without the lines of Node.js. To be called before the first `await`. */
export function callOf(called: Function): Call {
  const at = { stack: "" };
  Error.captureStackTrace(at, called);
  const lines = at.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return lines.filter((line) => !line.includes("node:")).join("\n");
}

/** Returns an error that is shown as its message and the line of the call, and nothing else. */
export function errorAt(call: Call, message: string): Error {
  const error = new Error(message.trimEnd());
  error.stack = `${error.message}\n${call}`;
  return error;
}

/** Returns the message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error || (thrown as Error)?.message ? (thrown as Error).message : String(thrown);
}
