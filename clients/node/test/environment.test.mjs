// Clients reach the mock whatever stands in the environment.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { INSTALLED, newFolder, script } from "./helpers.mjs";

const NOWHERE = "http://127.0.0.1:9";

/** An environment in which everything is wrong that leads an SDK astray. */
function astray() {
  const config = join(newFolder(), "config");
  writeFileSync(
    config,
    `[default]\nendpoint_url = ${NOWHERE}\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\nregion = xx-nowhere-1\n` +
      "aws_access_key_id = AKIAOFTHEPROFILE\naws_secret_access_key = x\naws_session_token = TOKENOFTHEPROFILE\n",
  );
  const printed = execFileSync(join(INSTALLED, "node_modules", ".bin", "putevents-mock"), ["env", "--url", NOWHERE], {
    encoding: "utf8",
  });
  const names = Object.keys(JSON.parse(printed)).filter((name) => name.startsWith("AWS_"));
  const wrong = Object.fromEntries(
    names.map((name) => [name, /URL|_URI$/.test(name) ? NOWHERE : /_(FIPS|DUALSTACK|IGNORE)_/.test(name) ? "true" : "wrong"]),
  );
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [
    [name, NOWHERE],
    [name.toLowerCase(), NOWHERE],
  ]);
  return {
    ...wrong,
    ...Object.fromEntries(proxies),
    NODE_USE_ENV_PROXY: "1",
    AWS_REGION: "eu-north-1",
    AWS_DEFAULT_REGION: "eu-north-1",
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: config,
  };
}

test("clientConfig() and environment() win over everything in the environment", async () => {
  const ran = await script(
    `
    import { execFileSync } from "node:child_process";
    import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
    import { startEventBridge } from "putevents-mock";
    import shop from "./shop.cjs";
    const eventbridge = await startEventBridge({ strictAuth: true });
    await shop.publishOrders(new EventBridgeClient(eventbridge.clientConfig()), [1]);
    const child = 'const { EventBridgeClient } = require("@aws-sdk/client-eventbridge");' +
      'require("./shop.cjs").publishOrders(new EventBridgeClient({}), [2]);';
    execFileSync(process.execPath, ["--eval", child], { env: await eventbridge.environment(), stdio: "inherit" });
    await eventbridge.assertMeets({ noProblems: true, publishedExactly: [1, 2].map((order) => ({ detail: { "/orderId": order } })) });
    const { attempts } = await eventbridge.journal();
    const tokens = attempts.filter(({ request }) => request.headers.some(([name]) => name === "x-amz-security-token"));
    console.log(attempts.length, tokens.length, (await eventbridge.published()).map((event) => event.envelope.region).join(" "));
  `,
    { env: astray() },
  );
  // The region of the environment stays for child processes.
  assert.equal(ran.stdout, "2 0 us-east-1 eu-north-1\n", ran.output);
});

test("with PUTEVENTS_MOCK_URL all mocks are on that server, and none is started", async () => {
  const ran = await script(
    `
    import { execFileSync } from "node:child_process";
    import { startEventBridge } from "putevents-mock";
    const ours = await startEventBridge();
    const child = 'import("putevents-mock").then(async ({ startEventBridge }) => console.log((await startEventBridge()).url))';
    const env = { ...await ours.environment(), PUTEVENTS_MOCK_BINARY: "/nowhere" };
    console.log(execFileSync(process.execPath, ["--eval", child], { env, encoding: "utf8" }).trim() === ours.url);
  `,
  );
  assert.equal(ran.stdout, "true\n", ran.output);
});
