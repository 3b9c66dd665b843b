"""What a reader sees where a test fails: every line of it, from a pytest of its own."""

import re
import shutil
from pathlib import Path

TESTS = '''\
import boto3
import pytest
import shop


def test_resends_only_what_failed(eventbridge):
    eventbridge.inject(entry="ThrottlingException", matching={"detail": {"/orderId": 2}}, times=1)
    shop.publish_everything_again([1, 2, 3])
    eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
'''

FAILURE = '''\
    def test_resends_only_what_failed(eventbridge):
        eventbridge.inject(entry="ThrottlingException", matching={"detail": {"/orderId": 2}}, times=1)
        shop.publish_everything_again([1, 2, 3])
>       eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
E       AssertionError: 2 events were not accepted exactly once
E       
E         shop.orders / OrderPlaced {"orderId": 1}
E           was accepted twice, in #1[0] and #2[0]
E         shop.orders / OrderPlaced {"orderId": 3}
E           was accepted twice, in #1[2] and #2[2]
E       
E       2 attempts, 5 events published
E         #1  +TIME s  3 entries  [1] ThrottlingException (injected), 2 accepted
E         #2  +TIME s  3 entries  all accepted                                    <- [0, 2] accepted in #1 already

test_orders.py:9: AssertionError
'''

FRAMES = ("Traceback", "putevents_mock/session.py", "putevents_mock/api.py", "http/client.py", "urllib", "HTTPError", "During handling")


def without_times(printed):
    return re.sub(r"\+\d+\.\d+ s", "+TIME s", printed)


def test_the_report_is_the_failure_at_the_line_of_the_assertion(project):
    project.write("test_orders.py", TESTS)
    ran = project.pytest("-q").ended(1)
    ran.printed = without_times(ran.printed)
    ran.has(FAILURE, "FAILED test_orders.py::test_resends_only_what_failed - AssertionError: 2 events were not accepted exactly once\n")
    ran.has_not(*FRAMES)


def test_an_argument_that_cannot_be_used_is_shown_at_the_line_of_the_caller(project):
    project.write(
        "test_typing.py",
        "import pytest\n\ndef test_fault(eventbridge):\n    eventbridge.inject(entry='Throttling')\n\n"
        "def test_expectation(eventbridge):\n    eventbridge.assert_meets(exactlyOnc=True)\n\n"
        "@pytest.mark.eventbridge(knownBus=['a'])\ndef test_marker(eventbridge):\n    pass\n\n"
        "@pytest.mark.eventbridge('before-2026')\ndef test_marker_without_a_name(eventbridge):\n    pass\n",
    )
    ran = project.pytest("-q").ended(1)
    ran.has(
        '>       eventbridge.inject(entry=\'Throttling\')\nE       putevents_mock.UsageError: entry: "Throttling" is not a documented code: '
        'did you mean "ThrottlingException"?',
        "\ntest_typing.py:4: UsageError\n",
        '>       eventbridge.assert_meets(exactlyOnc=True)\nE       putevents_mock.UsageError: "exactlyOnc" is not known here: did you mean '
        '"exactlyOnce"?',
        "\ntest_typing.py:7: UsageError\n",
        '\n@pytest.mark.eventbridge: "knownBus" is not known here: did you mean "knownBuses"?',
        "\n@pytest.mark.eventbridge takes members of a plan as keyword arguments, not 'before-2026'\n",
    )
    ran.has_not(*FRAMES)


def test_a_client_that_does_not_use_the_environment_is_told_where_to_look(project):
    project.write(
        "test_orders.py",
        "import boto3, shop\n\n"
        "CLIENT = boto3.client('events', 'eu-west-1', endpoint_url='http://127.0.0.1:9', aws_access_key_id='a', aws_secret_access_key='b')\n\n"
        "def test_publishes(eventbridge):\n    try:\n        shop.publish([1], CLIENT)\n    except Exception:\n        pass\n"
        "    eventbridge.assert_meets(publishedCount=1)\n",
    )
    ran = project.pytest("-q").ended(1)
    ran.has("AssertionError: 0 events were published, but 1 was expected\n", "\nE       no request ")
    ran.has_not(*FRAMES)


def test_a_failed_test_leaves_a_page_with_the_expectations_that_are_not_met(project):
    project.write("test_orders.py", TESTS)
    ran = project.pytest("-q", "--eventbridge-html", "pages").ended(1)
    page = project.folder / "pages" / "test_orders.py-test_resends_only_what_failed.html"
    ran.has(f"\nputevents-mock: the page of the failed test is {page}\n")
    assert "2 events were not accepted exactly once" in page.read_text()
    assert [path.name for path in page.parent.iterdir()] == [page.name]


MIXED = '''\
import pytest, shop

@pytest.fixture
def judged(eventbridge):
    yield
    eventbridge.assert_meets(publishedCount=9)

@pytest.fixture
def broken(eventbridge):
    shop.publish([77])
    raise OSError("no database")

def test_fails_itself(eventbridge):
    shop.publish([1234])
    assert 1 == 2

@pytest.mark.parametrize("name", ["a/b", "a:b", "x" * 300], ids=str)
def test_with_any_name(eventbridge, name):
    assert not name

def test_is_judged_by_a_fixture(judged):
    shop.publish([1])

def test_has_a_broken_fixture(broken):
    pass

def test_without_the_mock():
    assert not "mock"

def test_passes(eventbridge):
    pass

@pytest.mark.xfail(strict=True)
def test_fails_as_expected(eventbridge):
    eventbridge.assert_meets(publishedCount=1)
'''


def test_every_failed_test_with_the_fixture_leaves_a_page_also_in_processes_of_xdist(project):
    project.write("pytest.ini", "[pytest]\neventbridge_html = pages\n")
    project.write("test_mixed.py", MIXED)
    for arguments in ([], ["-n", "2"]):
        ran = project.pytest("-q", *arguments).ended(1)
        folder = project.folder / "pages"
        ran.has(f"\nputevents-mock: the pages of 6 failed tests are in {folder}\n")
        pages = {re.sub(r"-[0-9a-f]{8}\.html|\.html", "", path.name): path for path in sorted(folder.iterdir())}
        names = ["fails_itself", "has_a_broken_fixture", "is_judged_by_a_fixture", "with_any_name[a-b]", f"with_any_name[{'x' * 300}"]
        assert sorted(pages) == [f"test_mixed.py-test_{name}"[:150] for name in names], sorted(pages)
        assert len(list(folder.iterdir())) == 6
        assert "1 event was published, but 9 were expected" in pages["test_mixed.py-test_is_judged_by_a_fixture"].read_text()
        assert "1234" in pages["test_mixed.py-test_fails_itself"].read_text()
        assert "77" in pages["test_mixed.py-test_has_a_broken_fixture"].read_text()
        shutil.rmtree(folder)


def test_a_page_that_cannot_be_written_is_said_and_changes_no_result(project):
    project.write("test_orders.py", TESTS)
    Path(project.folder / "pages").write_text("a file")
    ran = project.pytest("-q", "--eventbridge-html", "pages").ended(1)
    ran.has("the page was not written: ", "AssertionError: 2 events were not accepted exactly once", "1 failed")
