"""What a reader sees where a test fails: every line of it, from a pytest of its own."""

import re
import shutil
from pathlib import Path

from conftest import without_times

TESTS = """\
import boto3
import pytest
import shop


def test_resends_only_what_failed(eventbridge):
    eventbridge.inject(entry="ThrottlingException", matching={"detail": {"/orderId": 2}}, times=1)
    shop.publish_everything_again([1, 2, 3])
    eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
"""

# What the tests of every language show of this bug.
REPORT = (Path(__file__).parents[3] / "fixtures" / "clients" / "resends-the-batch.txt").read_text()

SOURCE = """\
    def test_resends_only_what_failed(eventbridge):
        eventbridge.inject(entry="ThrottlingException", matching={"detail": {"/orderId": 2}}, times=1)
        shop.publish_everything_again([1, 2, 3])
>       eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
"""

FAILURE = SOURCE + "".join(f"E       {line}".rstrip() + "\n" for line in f"AssertionError: {REPORT}".splitlines())

FRAMES = (
    "Traceback",
    "putevents_mock/session.py",
    "putevents_mock/api.py",
    "http/client.py",
    "urllib",
    "HTTPError",
    "During handling",
)


def test_the_report_is_the_failure_at_the_line_of_the_assertion(project):
    project.write("test_orders.py", TESTS)
    ran = project.pytest("-q").ended(1)
    ran.printed = without_times(ran.printed)
    ran.has(
        f"{FAILURE}\ntest_orders.py:9: AssertionError\n",
        "FAILED test_orders.py::test_resends_only_what_failed - AssertionError: 2 events were not accepted exactly once\n",
    )
    ran.has_not(*FRAMES)


def test_an_argument_that_cannot_be_used_is_shown_at_the_line_of_the_caller(project):
    project.write(
        "test_typing.py",
        """
            import pytest

            def test_fault(eventbridge):
                eventbridge.inject(entry='Throttling')

            def test_expectation(eventbridge):
                eventbridge.assert_meets(exactlyOnc=True)

            @pytest.mark.eventbridge(knownBus=['a'])
            def test_marker(eventbridge):
                pass

            @pytest.mark.eventbridge('before-2026')
            def test_marker_without_a_name(eventbridge):
                pass
        """,
    )
    ran = project.pytest("-q").ended(1)
    ran.has(
        ">       eventbridge.inject(entry='Throttling')\n"
        'E       putevents_mock.UsageError: entry: "Throttling" is not a documented code: did you mean "ThrottlingException"?',
        "\ntest_typing.py:4: UsageError\n",
        ">       eventbridge.assert_meets(exactlyOnc=True)\n"
        'E       putevents_mock.UsageError: "exactlyOnc" is not known here: did you mean "exactlyOnce"?',
        "\ntest_typing.py:7: UsageError\n",
        '\n@pytest.mark.eventbridge: "knownBus" is not known here: did you mean "knownBuses"?',
        "\n@pytest.mark.eventbridge takes members of a plan as keyword arguments, not 'before-2026'\n",
    )
    ran.has_not(*FRAMES)


def test_a_client_that_does_not_use_the_environment_is_told_where_to_look(project):
    project.write(
        "test_orders.py",
        """
            import boto3, shop

            KEYS = {'aws_access_key_id': 'a', 'aws_secret_access_key': 'b'}
            CLIENT = boto3.client('events', 'eu-west-1', endpoint_url='http://127.0.0.1:9', **KEYS)

            def test_publishes(eventbridge):
                try:
                    shop.publish([1], CLIENT)
                except Exception:
                    pass
                eventbridge.assert_meets(publishedCount=1)
        """,
    )
    ran = project.pytest("-q").ended(1)
    ran.has("AssertionError: 0 events were published, but 1 was expected\n", "\nE       no request was received: ")
    ran.has(
        "\nE       Requests reach this session at http://127.0.0.1:", "was the client made before this session, or with an endpoint"
    )
    ran.has_not(*FRAMES)


def test_a_failed_test_leaves_a_page_with_the_expectations_that_are_not_met(project):
    project.write("test_orders.py", TESTS)
    ran = project.pytest("-q", "--eventbridge-html", "pages").ended(1)
    page = project.folder / "pages" / "test_orders.py-test_resends_only_what_failed.html"
    ran.has(f"\nputevents-mock: page of the failed test: {page}\n")
    assert "2 events were not accepted exactly once" in page.read_text()
    assert [path.name for path in page.parent.iterdir()] == [page.name]


MIXED = """\
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
"""


def test_every_failed_test_with_the_fixture_leaves_a_page_also_in_processes_of_xdist(project):
    project.write(
        "pytest.ini",
        """
            [pytest]
            eventbridge_html = pages
        """,
    )
    project.write("test_mixed.py", MIXED)
    for arguments in ([], ["-n", "2"]):
        ran = project.pytest("-q", *arguments).ended(1)
        folder = project.folder / "pages"
        ran.has(f"\nputevents-mock: pages of 6 failed tests: {folder}\n")
        pages = {re.sub(r"-[0-9a-f]{8}\.html|\.html", "", path.name): path for path in sorted(folder.iterdir())}
        names = [
            "fails_itself",
            "has_a_broken_fixture",
            "is_judged_by_a_fixture",
            "with_any_name[a-b]",
            f"with_any_name[{'x' * 300}",
        ]
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


def test_a_search_that_finds_a_bug_leaves_a_page_for_each_finding(project):
    project.write(
        "test_search.py",
        """
            import shop

            def test_wrong(eventbridge):
                eventbridge.publisher_check(lambda: shop.publish_and_forget([1]), runs=6)

            def test_says_nothing(eventbridge):
                eventbridge.publisher_check(lambda: None)
        """,
    )
    ran = project.pytest("-q", "--eventbridge-html", "pages").ended(1)
    folder = project.folder / "pages"
    ran.has(f"\nputevents-mock: pages of 2 failed tests: {folder}\n")
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    assert "test_search.py-test_wrong/1-Lost.html" in found and "test_search.py-test_wrong.html" not in found, found
    assert "test_search.py-test_says_nothing.html" in found, found
    assert not (folder / "test_search.py-test_says_nothing").exists()


def test_a_test_that_passes_again_leaves_no_page_of_its_failure(project):
    project.write("test_orders.py", TESTS)
    project.pytest("-q", "--eventbridge-html", "pages").ended(1)
    project.write("test_orders.py", TESTS.replace("shop.publish_everything_again(", "shop.publish("))
    project.pytest("-q", "--eventbridge-html", "pages").ended(0).has_not("putevents-mock: ")
    assert not list((project.folder / "pages").iterdir())
