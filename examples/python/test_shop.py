import boto3
import pytest

from shop import NotPublished, entry_of, publish_orders

ONCE = {"exactlyOnce": True, "identifyBy": "/orderId"}
ORDER_2 = {"detail": {"/orderId": 2}}


def test_sends_again_only_the_order_that_failed(eventbridge):
    eventbridge.inject(entry="ThrottlingException", matching=ORDER_2, times=1)
    publish_orders(boto3.client("events"), [1, 2, 3])
    eventbridge.assert_meets(everyFaultFired=True, onlyFailedEntriesResent=True, **ONCE)


def test_survives_an_error_of_the_service(eventbridge):
    eventbridge.inject(request="InternalException", times=1)
    publish_orders(boto3.client("events"), [1, 2, 3])
    eventbridge.assert_meets(everyFaultFired=True, **ONCE)


def test_says_which_order_was_refused_for_good(eventbridge):
    eventbridge.inject(entry="NotAuthorizedForSourceException", matching=ORDER_2)
    with pytest.raises(NotPublished) as error:
        publish_orders(boto3.client("events"), [1, 2, 3])
    assert error.value.failed == {2: "NotAuthorizedForSourceException"}
    eventbridge.assert_meets(permanentErrorsNotRetried=True, publishedCount=2)


# `pytest --runxfail` shows the report of this one.
@pytest.mark.xfail(raises=AssertionError, strict=True, reason="this publisher sends the whole batch again")
def test_a_publisher_that_sends_everything_again_fails(eventbridge):
    eventbridge.inject(entry="ThrottlingException", matching=ORDER_2, times=1)
    client, batch = boto3.client("events"), [entry_of(order) for order in [1, 2, 3]]
    while client.put_events(Entries=batch)["FailedEntryCount"]:
        pass
    eventbridge.assert_meets(everyFaultFired=True, **ONCE)
