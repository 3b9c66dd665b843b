// Publishers for the tests of the package, with the AWS SDK v3: right ones, and wrong ones.

"use strict";

const { PutEventsCommand } = require("@aws-sdk/client-eventbridge");

const entryOf = (order) => ({ Source: "shop.orders", DetailType: "OrderPlaced", Detail: JSON.stringify({ orderId: order }) });
const RETRYABLE = ["InternalFailure", "ThrottlingException"];

async function put(client, orders) {
  const { Entries } = await client.send(new PutEventsCommand({ Entries: orders.map(entryOf) }));
  return orders.map((order, index) => [order, Entries[index].ErrorCode]).filter(([, code]) => code !== undefined);
}

/** Right: sends again only the entries that failed and may succeed later. Returns the orders that were refused. */
async function publishOrders(client, orders, tries = 4) {
  let failed = await put(client, orders);
  const refused = [];
  for (let attempt = 1; failed.length > 0 && attempt < tries; attempt++) {
    refused.push(...failed.filter(([, code]) => !RETRYABLE.includes(code)));
    const again = failed.filter(([, code]) => RETRYABLE.includes(code)).map(([order]) => order);
    failed = again.length > 0 ? await put(client, again) : [];
  }
  return [...refused, ...failed].map(([order]) => order);
}

/** Wrong: sends the whole batch again if one entry failed. */
async function publishAllAgain(client, orders) {
  while ((await put(client, orders)).length > 0) {}
}

/** Wrong: does not look at the results. */
async function publishAndForget(client, orders) {
  await put(client, orders);
}

module.exports = { entryOf, publishAllAgain, publishAndForget, publishOrders };
