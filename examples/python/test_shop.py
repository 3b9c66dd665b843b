import pytest

from shop import NotPublished, entry_of, publish_orders

ONCE = {"exactlyOnce": True, "identifyBy": "/orderId"}


def test_sends_again_only_the_order_that_failed(eventbridge):
    eventbridge.goes_wrong({"entry": "ThrottlingException", "matching": {"detail": {"/orderId": 2}}, "times": 1})
    publish_orders(eventbridge.client(), [1, 2, 3])
    eventbridge.expect({"everyFaultFired": True}, ONCE, {"onlyFailedEntriesResent": True})


def test_survives_an_error_of_the_service(eventbridge):
    eventbridge.goes_wrong({"request": "InternalException", "times": 1})
    publish_orders(eventbridge.client(), [1, 2, 3])
    eventbridge.expect({"everyFaultFired": True}, ONCE)


def test_says_which_order_was_refused_for_good(eventbridge):
    eventbridge.goes_wrong({"entry": "NotAuthorizedForSourceException", "matching": {"detail": {"/orderId": 2}}})
    with pytest.raises(NotPublished) as error:
        publish_orders(eventbridge.client(), [1, 2, 3])
    assert error.value.failed == {2: "NotAuthorizedForSourceException"}
    eventbridge.expect({"permanentErrorsNotRetried": True}, {"publishedCount": 2})


# `pytest --runxfail` shows the report of this one.
@pytest.mark.xfail(raises=pytest.fail.Exception, strict=True, reason="this publisher sends the whole batch again")
def test_a_publisher_that_sends_everything_again_fails(eventbridge):
    eventbridge.goes_wrong({"entry": "ThrottlingException", "matching": {"detail": {"/orderId": 2}}, "times": 1})
    client, batch = eventbridge.client(), [entry_of(order) for order in [1, 2, 3]]
    while client.put_events(Entries=batch)["FailedEntryCount"]:
        pass
    eventbridge.expect({"everyFaultFired": True}, ONCE)
