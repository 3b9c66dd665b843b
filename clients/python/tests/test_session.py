"""Each method of the fixture, in this process."""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import boto3
import pytest
from shop import entry_of, publish, publish_everything_again

import putevents_mock

ONE_ORDER_FAILS = {"entry": "ThrottlingException", "matching": {"detail": {"/orderId": 2}}, "times": 1}
ONCE = {"exactlyOnce": True, "identifyBy": "/orderId"}


def orders_published(eventbridge):
    return [event["envelope"]["detail"]["orderId"] for event in eventbridge.published()]


def test_a_client_that_is_made_in_the_test_finds_the_mock(eventbridge):
    publish([1, 2])
    assert orders_published(eventbridge) == [1, 2]


def test_a_fault_is_given_by_its_members(eventbridge):
    assert eventbridge.inject(**ONE_ORDER_FAILS) == [0]
    publish([1, 2, 3])
    assert orders_published(eventbridge) == [1, 3, 2]


def test_several_faults_are_given_as_dicts(eventbridge):
    assert eventbridge.inject({"entry": "InternalFailure", "atIndex": 0, "times": 1}, ONE_ORDER_FAILS) == [0, 1]
    publish([1, 2, 3])
    assert orders_published(eventbridge) == [3, 1, 2]


def test_the_faults_tell_how_often_they_have_applied(eventbridge):
    eventbridge.inject(ONE_ORDER_FAILS, request="InternalException", onAttempt=9)
    publish([1, 2])
    assert [fault["fired"] for fault in eventbridge.faults()] == [1, 0]
    assert eventbridge.faults()[0]["json"] == ONE_ORDER_FAILS


def test_faults_can_be_removed(eventbridge):
    eventbridge.inject(entry="InternalFailure")
    eventbridge.clear_faults()
    publish([1])
    assert not eventbridge.faults()[0]["inForce"]
    assert orders_published(eventbridge) == [1]


def test_a_correct_publisher_meets_the_expectations(eventbridge):
    eventbridge.inject(ONE_ORDER_FAILS)
    publish([1, 2, 3])
    eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
    eventbridge.assert_meets({"everyFaultFired": True}, ONCE, {"onlyFailedEntriesResent": True})
    eventbridge.assert_meets({"noneLost": True}, publishedCount=3)


def test_a_publisher_that_leaves_retries_of_requests_to_the_sdk_is_not_accused(eventbridge):
    eventbridge.inject(request="InternalException", times=2)
    publish([1, 2])
    eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, onlyFailedEntriesResent=True, noProblems=True)


def test_a_publisher_with_sessions_and_regions_of_its_own_is_not_accused(eventbridge):
    publish([1], boto3.Session().client("events"))
    publish([2], boto3.client("events", region_name="eu-west-1"))
    boto3.setup_default_session(region_name="eu-central-1")
    publish([3])
    regions = [event["envelope"]["region"] for event in eventbridge.published()]
    assert regions[1:] == ["eu-west-1", "eu-central-1"]
    eventbridge.assert_meets(publishedCount=3, exactlyOnce=True, noProblems=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SKIPPED: there is no fork")
def test_a_publisher_in_a_fork_of_the_test_is_not_accused(eventbridge):
    fork = multiprocessing.get_context("fork").Process(target=publish, args=([1],))
    fork.start()
    fork.join()
    publish([2])
    eventbridge.assert_meets(publishedCount=2, exactlyOnce=True)


def test_an_expectation_that_is_not_met_is_an_assertion_error_with_the_report_and_no_cause(eventbridge):
    with pytest.raises(AssertionError) as caught:
        eventbridge.assert_meets(publishedCount=1)
    error = caught.value
    assert type(error) is AssertionError
    assert str(error).startswith("0 events were published, but 1 was expected\n\n0 attempts, 0 events published\n")
    assert error.__cause__ is None and error.__context__ is None
    assert {frame.name for frame in traceback.extract_tb(error.__traceback__)} == {
        "test_an_expectation_that_is_not_met_is_an_assertion_error_with_the_report_and_no_cause",
        "assert_meets",
    }


def test_an_expectation_waits_until_it_is_met(eventbridge):
    later = threading.Timer(0.2, publish, [[1]])
    later.start()
    eventbridge.assert_meets(publishedCount=1, within=20)
    later.join()


def test_an_expectation_waits_no_longer_than_its_seconds(eventbridge):
    with pytest.raises(AssertionError, match="^0 events were published, but 1 was expected"):
        eventbridge.assert_meets(publishedCount=1, within=0.05)


@pytest.mark.eventbridge(faults=[ONE_ORDER_FAILS], expect=[{"everyFaultFired": True}, ONCE])
def test_without_expectations_those_of_the_plan_are_checked(eventbridge):
    with pytest.raises(AssertionError, match="^2 expectations are not met"):
        eventbridge.assert_meets()
    publish([1, 2, 3])
    eventbridge.assert_meets()


def test_a_wait_ends_when_the_events_are_there(eventbridge):
    later = threading.Timer(0.1, publish, [[1, 2]])
    later.start()
    counts = eventbridge.wait(published=2, limitMs=20_000)
    later.join()
    assert counts == {"name": eventbridge.name, "attempts": 1, "published": 2}
    assert eventbridge.wait(attempts=1)["attempts"] == 1
    assert eventbridge.wait(idleMs=1)["attempts"] == 1


def test_a_wait_that_reaches_its_limit_is_an_assertion_error_with_the_report(eventbridge):
    publish([1])
    with pytest.raises(AssertionError) as caught:
        eventbridge.wait(published=2, limitMs=10)
    assert str(caught.value).startswith("1 of 2 events published within 0.01 s\n\n1 attempt, 1 event published\n")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("method", "wrong", "waits"), [("wait", {"limitMs": 10}, {}), ("assert_meets", {"within": 0.01}, {"within": 20})]
)
def test_a_wait_that_blocks_the_event_loop_of_the_publisher_is_told_to_go_to_a_thread(eventbridge, method, wrong, waits):
    what = {"wait": {"published": 1}, "assert_meets": {"publishedCount": 1}}[method]
    publisher = asyncio.to_thread(publish, [1])

    async def test():
        with pytest.raises(AssertionError) as caught:
            getattr(eventbridge, method)(**what, **wrong)
        hint = f"`await asyncio.to_thread(eventbridge.{method}, ...)` lets a publisher in it go on."
        assert str(caught.value).endswith(f"\n\nThe event loop stood still meanwhile: {hint}")
        publishing = asyncio.create_task(publisher)
        await asyncio.to_thread(getattr(eventbridge, method), **what, **waits)
        await publishing
        with pytest.raises(AssertionError) as caught:
            eventbridge.assert_meets(publishedCount=2)
        assert "event loop" not in str(caught.value)

    asyncio.run(test())


def test_the_published_events_are_as_the_targets_of_rules_see_them(eventbridge):
    publish([7])
    (event,) = eventbridge.published()
    envelope = event["envelope"]
    assert (envelope["source"], envelope["detail-type"], envelope["detail"]) == ("shop.orders", "OrderPlaced", {"orderId": 7})


def test_the_journal_has_every_request(eventbridge):
    publish([1])
    publish([2])
    attempts = eventbridge.journal()["attempts"]
    assert len(attempts) == 2


def test_the_report_is_the_timeline(eventbridge):
    publish([1, 2])
    report = eventbridge.report()
    assert report.startswith("1 attempt, 2 events published\n  #1  +") and "2 entries  all accepted" in report


def test_an_answer_replies_to_another_operation(eventbridge):
    eventbridge.answer("ListRules", {"Rules": [{"Name": "orders"}]})
    assert boto3.client("events").list_rules()["Rules"] == [{"Name": "orders"}]


def test_the_page_has_the_attempts_and_the_expectations_that_are_not_met(eventbridge):
    eventbridge.inject(ONE_ORDER_FAILS)
    publish_everything_again([1, 2, 3])
    page = eventbridge.page(exactlyOnce=True, identifyBy="/orderId")
    assert page.startswith("<!") and "2 events were not accepted exactly once" in page
    assert "2 events were not accepted exactly once" not in eventbridge.page()


def test_a_client_can_be_made_with_arguments_instead_of_the_environment(eventbridge, monkeypatch):
    config = eventbridge.client_config()
    for name in eventbridge.changes():
        monkeypatch.delenv(name, raising=False)
    publish([5], boto3.client("events", **config))
    assert orders_published(eventbridge) == [5]


def test_a_child_process_finds_the_mock_by_its_environment(eventbridge):
    program = "import shop; shop.publish([8])"
    subprocess.run([sys.executable, "-c", program], env=eventbridge.environment(), cwd=Path(__file__).parent, check=True)
    assert orders_published(eventbridge) == [8]


def test_a_test_keeps_its_other_variables(eventbridge, monkeypatch):
    monkeypatch.setenv("SHOP", "1")
    assert eventbridge.environment()["SHOP"] == "1"
    assert eventbridge.environment()["AWS_ACCESS_KEY_ID"] == eventbridge.name


@pytest.mark.parametrize("order", [1, 2])
def test_each_test_has_a_session_of_its_own(eventbridge, order):
    publish([order])
    assert orders_published(eventbridge) == [order]


@pytest.mark.eventbridge(limits="before-2026", knownBuses=["orders"])
class TestMarker:
    def test_a_marker_sets_the_mock_up(self, eventbridge):
        client = boto3.client("events")
        client.put_events(Entries=[{**entry_of(1), "EventBusName": "orders"}, {**entry_of(2), "EventBusName": "others"}])
        assert [event["isDelivered"] for event in eventbridge.published()] == [True, False]
        with pytest.raises(client.exceptions.ClientError):
            client.put_events(Entries=[{**entry_of(1), "Detail": json.dumps({"text": "x" * 300_000})}])

    @pytest.mark.eventbridge(knownBuses=["others"])
    def test_a_marker_of_a_test_overrides_that_of_its_class(self, eventbridge):
        boto3.client("events").put_events(Entries=[{**entry_of(1), "EventBusName": "others"}])
        assert [event["isDelivered"] for event in eventbridge.published()] == [True]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda it: it.inject(entry="Throttling"),
            'entry: "Throttling" is not a documented code: did you mean "ThrottlingException"?',
        ),
        (lambda it: it.inject(ONE_ORDER_FAILS, {"entri": 1}), '"entri" is not known here: did you mean "entry"?'),
        (lambda it: it.inject(), "there is no fault: write its members, such as inject(entry="),
        (lambda it: it.inject("entry"), "'entry' is not a dict: write a dict, or its members as keyword arguments"),
        (lambda it: it.inject(entry=it), "cannot be written as JSON: Object of type EventBridge is not JSON serializable"),
        (lambda it: it.assert_meets(exactlyOnc=True), '"exactlyOnc" is not known here: did you mean "exactlyOnce"?'),
        (lambda it: it.assert_meets(exactlyOnce=True, identifyBy="id"), 'a JSON pointer begins with a slash: write "/id"'),
        (lambda it: it.assert_meets(), "there is no expectation"),
        (lambda it: it.assert_meets(publishedCount=1, within=-1), "limitMs"),
        (lambda it: it.wait(), "a wait has one condition: write one of published=N, attempts=N and idleMs=N"),
        (lambda it: it.answer("PutEvents", {}), "PutEvents"),
        (lambda it: it.page(exactlyOnc=True), '"exactlyOnc" is not known here: did you mean "exactlyOnce"?'),
    ],
)
def test_an_argument_that_cannot_be_used_is_told_in_the_words_of_the_mock(eventbridge, call, words):
    with pytest.raises(putevents_mock.UsageError) as caught:
        call(eventbridge)
    assert words in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    assert isinstance(caught.value, ValueError)
