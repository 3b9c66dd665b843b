"""A publisher of orders, with boto3."""

import json
import random
import time

# The codes of entries that are worth another try. All others stay what they are.
RETRYABLE = {"InternalFailure", "ThrottlingException"}
MOST_ENTRIES = 10


class NotPublished(Exception):
    """Some orders were not published: `failed` has the code of each."""

    def __init__(self, failed):
        super().__init__(f"not published: {failed}")
        self.failed = failed


def entry_of(order):
    return {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"orderId": order})}


def publish_orders(events, orders, tries=4, wait=0.1):
    """Publishes each order once. boto3 repeats requests that fail as a whole; single entries that failed are sent again here."""
    failed = {}
    for attempt in range(tries):
        if attempt:
            time.sleep(random.uniform(0, wait * 2**attempt))
        again = []
        for start in range(0, len(orders), MOST_ENTRIES):
            batch = orders[start : start + MOST_ENTRIES]
            answer = events.put_events(Entries=[entry_of(order) for order in batch])
            # Results stand in the order of the entries.
            for order, result in zip(batch, answer["Entries"]):
                failed.pop(order, None)
                if "ErrorCode" in result:
                    failed[order] = result["ErrorCode"]
                    again += [order] if result["ErrorCode"] in RETRYABLE else []
        orders = again
        if not orders:
            break
    if failed:
        raise NotPublished(failed)
