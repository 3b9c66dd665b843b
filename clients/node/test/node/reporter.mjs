// Writes each test as a line of JSON: its title, whether it passed, and the stack of its error.

export default async function* (events) {
  for await (const { type, data } of events) {
    if (type === "test:pass" || type === "test:fail") {
      const error = data.details.error?.cause ?? data.details.error;
      yield `${JSON.stringify({ title: data.name, passed: type === "test:pass", stack: error?.stack ?? String(error) })}\n`;
    }
  }
}
