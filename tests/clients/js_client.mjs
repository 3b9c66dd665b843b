// Publishes with the AWS SDK for JavaScript: one line of JSON on stdin is one call with a client of its own, one line on
// stdout what came of it. All calls run at once. Endpoint, region and secret key come from the environment.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

// The packages stand below the working directory, and not next to this file.
const require = createRequire(`${process.cwd()}/`);
const { EventBridgeClient, PutEventsCommand } = require("@aws-sdk/client-eventbridge");

async function publish({ accessKey, entries, readTimeoutMs }) {
  const credentials = { accessKeyId: accessKey, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
  const requestHandler = readTimeoutMs && { requestTimeout: readTimeoutMs, throwOnRequestTimeout: true };
  const client = new EventBridgeClient({ credentials, ...(requestHandler && { requestHandler }) });
  try {
    const answer = await client.send(new PutEventsCommand({ Entries: entries }));
    return { ok: true, failedEntryCount: answer.FailedEntryCount ?? null, entries: answer.Entries ?? null };
  } catch (error) {
    return { ok: false, error: error.name === "Error" ? error.code : error.name, message: `${error}` };
  } finally {
    client.destroy();
  }
}

const lines = (await text(process.stdin)).split("\n").filter((line) => line);
await Promise.all(
  lines.map(async (line) => {
    const call = JSON.parse(line);
    console.log(JSON.stringify({ case: call.case, ...(await publish(call)) }));
  }),
);
