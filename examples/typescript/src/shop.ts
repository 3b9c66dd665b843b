// A publisher of orders, with the AWS SDK for JavaScript.

import { setTimeout } from "node:timers/promises";
import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

// The codes of entries that are worth another try. All others stay what they are.
const RETRYABLE = ["InternalFailure", "ThrottlingException"];
const MOST_ENTRIES = 10;

/** Some orders were not published: `failed` has the code of each. */
export class NotPublished extends Error {
  constructor(readonly failed: Map<number, string>) {
    super(`not published: ${[...failed].map(([order, code]) => `${order} (${code})`).join(", ")}`);
  }
}

export function entryOf(order: number) {
  return { Source: "shop.orders", DetailType: "OrderPlaced", Detail: JSON.stringify({ orderId: order }) };
}

/** Publishes each order once. The SDK repeats requests that fail as a whole; single entries that failed are sent again here. */
export async function publishOrders(events: EventBridgeClient, orders: number[], tries = 4): Promise<void> {
  const failed = new Map<number, string>();
  let open = orders;
  for (let attempt = 0; open.length > 0 && attempt < tries; attempt++) {
    if (attempt > 0) {
      await setTimeout(Math.random() * 100 * 2 ** attempt);
    }
    const again: number[] = [];
    for (let start = 0; start < open.length; start += MOST_ENTRIES) {
      const batch = open.slice(start, start + MOST_ENTRIES);
      const answer = await events.send(new PutEventsCommand({ Entries: batch.map(entryOf) }));
      // Results stand in the order of the entries.
      for (const [index, order] of batch.entries()) {
        const code = answer.Entries?.[index]?.ErrorCode;
        failed.delete(order);
        if (code !== undefined) {
          failed.set(order, code);
        }
        if (code !== undefined && RETRYABLE.includes(code)) {
          again.push(order);
        }
      }
    }
    open = again;
  }
  if (failed.size > 0) {
    throw new NotPublished(failed);
  }
}
