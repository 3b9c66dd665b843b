"""Publishers of orders. The first is correct, each of the others has one bug."""

import json

import boto3

MOST_TRIES = 4


def entry_of(order):
    return {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"orderId": order}, separators=(",", ":"))}


def publish(orders, client=None, resend_all=False):
    """Publishes each order once, and sends again the entries that failed. Raises where some stay unpublished."""
    client = client or boto3.client("events")
    entries = [entry_of(order) for order in orders]
    for _ in range(MOST_TRIES):
        results = client.put_events(Entries=entries)["Entries"]
        failed = [entry for entry, result in zip(entries, results) if "EventId" not in result]
        if not failed:
            return
        entries = entries if resend_all else failed
    raise RuntimeError(f"{len(failed)} orders were not published")


def publish_everything_again(orders, client=None):
    publish(orders, client, resend_all=True)


def publish_and_forget(orders, client=None):
    """Does not look at the results."""
    client = client or boto3.client("events")
    client.put_events(Entries=[entry_of(order) for order in orders])
