"""The search for faults: right publishers are not accused, wrong ones are, and the search leaves nothing behind."""

import asyncio
import functools
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import boto3
import pytest
import shop
from conftest import is_running

import putevents_mock
from putevents_mock.interruption import PAUSE_SECONDS, Call

# The publisher of the example. This folder has a module of the same name.
EXAMPLE = Path(__file__).parents[3] / "examples" / "python"
spec = spec_from_file_location("example", EXAMPLE / "shop.py")
example = module_from_spec(spec)
spec.loader.exec_module(example)

ORDERS = [{"orderId": number} for number in range(11)]


def reported(orders, client=None):
    """Publishes as examples/python does, and reports each order."""
    numbers = [order["orderId"] for order in orders]
    try:
        example.publish_orders(client or boto3.client("events"), numbers, wait=0.01)
    except example.NotPublished as error:
        return {"published": [number for number in numbers if number not in error.failed], "failed": list(error.failed)}
    return None


def raises(orders):
    example.publish_orders(boto3.client("events"), [order["orderId"] for order in orders], wait=0.01)


def in_a_thread(orders):
    with ThreadPoolExecutor() as pool:
        return pool.submit(reported, orders).result()


def with_a_session_of_its_own(orders):
    return reported(orders, boto3.Session().client("events"))


def asynchronous(orders):
    return asyncio.run(asyncio.to_thread(reported, orders))


@pytest.mark.parametrize("publish", [reported, raises, in_a_thread, with_a_session_of_its_own, asynchronous])
def test_a_right_publisher_is_not_accused(publish):
    report = putevents_mock.publisher_check(publish, ORDERS, identifyBy="/orderId", runs=8)
    assert report.startswith("the publisher keeps all rules in 8 schedules\n"), report


def test_a_right_publisher_with_events_of_its_own_is_not_accused(eventbridge):
    report = eventbridge.publisher_check(lambda: reported(ORDERS[:2]), identify_by="/orderId", runs=8)
    assert report.startswith("the publisher keeps all rules in 8 schedules\n"), report
    eventbridge.assert_meets(publishedCount=0)


def test_a_right_program_in_a_child_process_is_not_accused():
    program = "import json, sys, boto3, shop; shop.publish_orders(boto3.client('events'), json.loads(sys.argv[1]))"

    def publish():
        subprocess.run([sys.executable, "-c", program, "[1, 2]"], check=True, stderr=subprocess.DEVNULL, cwd=EXAMPLE)

    assert "keeps all rules" in putevents_mock.publisher_check(publish, identifyBy="/orderId", runs=4)


def client_without_retries():
    return boto3.client("events", config=boto3.session.Config(retries={"max_attempts": 0}))


@functools.lru_cache
def kept_client(_):
    return client_without_retries()


def test_a_publisher_that_keeps_the_client_of_the_first_run_is_not_accused():
    kept_client.cache_clear()
    with pytest.raises(AssertionError) as caught:
        putevents_mock.publisher_check(lambda orders: reported(orders, kept_client(0)), ORDERS, identifyBy="/orderId", runs=20)
    report = str(caught.value)
    assert report.startswith("the check of the publisher judged too little: "), report
    assert "publisher   failed with EndpointConnectionError: " in report and "breaks" not in report, report


def test_a_wrong_publisher_is_an_assertion_error_with_the_report_and_no_cause():
    with pytest.raises(AssertionError) as caught:
        putevents_mock.publisher_check(
            lambda orders: shop.publish_everything_again([order["orderId"] for order in orders]),
            ORDERS[:2],
            identifyBy="/orderId",
            runs=8,
            without={"Hasty": "it has no pauses", "GivenUpEarly": "it gives up early"},
        )
    error = caught.value
    assert type(error) is AssertionError and error.__cause__ is None and error.__context__ is None
    assert "Resent: only entries that failed are sent again" in str(error)
    assert "Hasty" not in str(error).split("searched")[0]


def test_a_publisher_that_says_too_much_is_found():
    with pytest.raises(AssertionError, match="Lost: every event is accepted, or reported as failed"):
        putevents_mock.publisher_check(
            lambda orders: shop.publish_and_forget([order["orderId"] for order in orders]),
            ORDERS[:2],
            identifyBy="/orderId",
            runs=8,
        )


def test_what_the_publisher_raises_is_in_the_report_where_nothing_was_published():
    def publish():
        raise KeyError("table")

    with pytest.raises(AssertionError, match="judged too little: no event was published") as caught:
        putevents_mock.publisher_check(publish)
    assert "failed with KeyError: 'table' where nothing went wrong" in str(caught.value)


def test_a_publisher_that_does_not_end_is_found():
    def publish():
        client = client_without_retries()
        while client.put_events(Entries=[shop.entry_of(1)])["FailedEntryCount"] < 2:
            pass

    with pytest.raises(AssertionError, match="Endless"):
        putevents_mock.publisher_check(publish, identifyBy="/orderId", runs=1, runTime="1s", requests=50)


def tries_for_ever():
    client = client_without_retries()
    while True:
        try:
            client.put_events(Entries=[shop.entry_of(1)])
        except Exception:
            time.sleep(0.001)


def waits_for_a_thread():
    threading.Semaphore(0).acquire()


def waits_in_an_event_loop():
    async def wait():
        await asyncio.Event().wait()

    asyncio.run(wait())


def goes_on_after_the_first_interruption():
    with suppress(KeyboardInterrupt):
        waits_for_a_thread()
    tries_for_ever()


@pytest.mark.parametrize("hang", [tries_for_ever, waits_for_a_thread, waits_in_an_event_loop, goes_on_after_the_first_interruption])
def test_a_publisher_that_hangs_is_interrupted_and_the_search_goes_on(hang):
    runs, hung = [], []

    def publish():
        runs.append(1)
        if client_without_retries().put_events(Entries=[shop.entry_of(1), shop.entry_of(2)])["FailedEntryCount"]:
            hung.append(1)
            hang()

    with pytest.raises(AssertionError, match="Endless: the publisher comes to an end\n") as caught:
        putevents_mock.publisher_check(publish, identifyBy="/orderId", runs=6, runTime="2s", requests=50)
    assert "the publisher was not done after " in str(caught.value)
    assert len(runs) > len(hung) > 1, (runs, hung)


def test_what_returns_as_it_is_interrupted_is_not_interrupted_afterwards():
    for _ in range(5):
        call = Call()
        interrupting = threading.Thread(target=call.interrupt)
        interrupting.start()
        try:
            call.of(lambda: interrupting.join(PAUSE_SECONDS))
            interrupting.join()
        except KeyboardInterrupt:
            pytest.fail("the interruption arrived after the call")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"identifBy": "/a"}, "unexpected argument '--identif-by' found"),
        ({"identify_by": "a"}, 'a JSON pointer begins with a slash: write "/a" instead of "a"'),
        ({"runs": "many"}, "--runs"),
        ({"events": [1, object()]}, "cannot be written as JSON: Object of type object is not JSON serializable"),
    ],
)
def test_a_flag_that_cannot_be_used_is_told_in_the_words_of_the_command(arguments, words):
    with pytest.raises(putevents_mock.UsageError) as caught:
        putevents_mock.publisher_check(lambda *_: None, **arguments)
    assert words in str(caught.value)
    assert caught.value.__context__ is None


def test_a_binary_that_does_not_search_is_told(monkeypatch):
    monkeypatch.setenv("PUTEVENTS_MOCK_BINARY", "/bin/echo")
    with pytest.raises(putevents_mock.ServerError, match="putevents-mock explore ended with status 0: $"):
        putevents_mock.publisher_check(lambda: None)


async def coroutine():
    pass


@pytest.mark.parametrize(
    ("publish", "words"),
    [
        (lambda: True, "publish returned True: return None if all events were published, or a dict such as "),
        (lambda: {"succeeded": [1]}, '"succeeded" is not known here'),
        (lambda: {"published": [object()]}, "cannot be written as JSON"),
        (coroutine, "publish is a coroutine function: pass a function that runs it"),
    ],
)
def test_a_report_of_the_publisher_that_cannot_be_used_is_said(publish, words):
    with pytest.raises(putevents_mock.UsageError) as caught:
        putevents_mock.publisher_check(publish, identifyBy="/orderId")
    assert words in str(caught.value)


def test_the_publisher_is_called_in_the_thread_of_the_test_and_its_environment_is_restored():
    before, threads, sessions = dict(os.environ), set(), boto3.DEFAULT_SESSION

    def publish():
        threads.add(threading.get_ident())
        return reported(ORDERS[:1])

    putevents_mock.publisher_check(publish, identifyBy="/orderId", runs=4)
    assert threads == {threading.get_ident()}
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is sessions


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, pytest.skip.Exception])
def test_an_interruption_of_the_publisher_ends_the_search(interruption, monkeypatch):
    started = []
    real = subprocess.Popen

    class Noted(real):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self.pid)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    before = dict(os.environ)

    def publish():
        raise interruption("now")

    with pytest.raises(interruption):
        putevents_mock.publisher_check(publish)
    assert len(started) == 1 and not is_running(started[0])
    assert dict(os.environ) == before
