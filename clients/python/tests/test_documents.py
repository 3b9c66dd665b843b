"""The examples of the README and the folder examples/python are run as they stand there."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from conftest import without_times
from test_failures import FRAMES

PACKAGE = Path(__file__).parent.parent
EXAMPLE = PACKAGE.parent.parent / "examples" / "python"
README = (PACKAGE / "README.md").read_text()
MISTAKE = "again += [order] if result"


def blocks(language):
    return re.findall(f"^```{language}\n(.*?)^```$", README, re.M | re.S)


@pytest.fixture
def of_the_readme(project):
    for block in blocks("python"):
        name = re.match(r"# (\w+\.py)\n", block)
        assert name, f"this block does not begin with the name of its file:\n{block}"
        project.write(name[1], block)
    return project


def test_the_failure_of_the_first_test_is_the_one_in_the_readme(of_the_readme):
    ran = of_the_readme.pytest("-q", "test_orders.py").ended(1)
    (shown,) = blocks("text")
    assert without_times(shown) in without_times(ran.printed), ran.printed
    ran.has_not(*FRAMES)


def test_the_other_tests_of_the_readme_pass(of_the_readme):
    of_the_readme.pytest("-q", "test_settings.py", "test_unittest.py", "test_typed.py").ended(0).has("3 passed")
    of_the_readme.python("-m", "unittest", "test_unittest.py").ended(0)


def test_the_search_of_the_readme_finds_the_bug_of_its_publisher(of_the_readme):
    ran = of_the_readme.pytest("-q", "test_search.py").ended(1)
    ran.has("E       AssertionError: ", "Resent: only entries that failed are sent again", "1 failed")
    ran.has_not(*FRAMES)


def test_the_options_of_the_readme_exist(of_the_readme):
    (workflow,) = blocks("yaml")
    (options,) = re.findall("run: pytest (.*)", workflow)
    of_the_readme.pytest("-q", "test_orders.py", *options.split()).ended(1)
    assert [page.name for page in (of_the_readme.folder / "pages").iterdir()] == [
        "test_orders.py-test_resends_only_what_failed.html"
    ]


def test_every_public_method_stands_in_the_table_of_the_readme():
    from putevents_mock import EventBridge

    table = README.split("## Methods of the fixture")[1].split("\n## ")[0]
    methods = {name for name, value in vars(EventBridge).items() if callable(value) and not name.startswith("_")}
    missing = {name for name in methods - {"close", "changes", "page_of"} if f"`{name}(" not in table}
    assert not missing, missing


def types(project, *arguments):
    return project.python("-m", "mypy", "--strict", "--cache-dir", str(project.folder / "cache"), *arguments)


def test_a_type_checker_accepts_the_typed_example_and_knows_every_member(of_the_readme):
    types(of_the_readme, "test_typed.py").ended(0).has("Success")
    typed = (of_the_readme.folder / "test_typed.py").read_text()
    for right, wrong, words in [
        ("onAttempt=1", "onAttempts=1", 'Unexpected keyword argument "onAttempts"'),
        ("onAttempt=1", 'onAttempt="1"', "onAttempt"),
        ('"times": 1', '"tims": 1', '"tims"'),
        ('"ThrottlingException"', '"Throttling"', '"entry"'),
        ('fault["fired"]', 'fault["fird"]', 'has no key "fird"'),
    ]:
        assert typed.count(right) == 1, right
        of_the_readme.write("test_typed.py", typed.replace(right, wrong))
        types(of_the_readme, "test_typed.py").ended(1).has(words)


def test_a_type_checker_knows_the_members_of_expectations_and_plans(project):
    project.write(
        "typed.py",
        """
            import putevents_mock

            with putevents_mock.start(limits='before-2026', knownBuses=['orders']) as eventbridge:
                eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy='/orderId')
                eventbridge.assert_meets({'publishedCount': 1}, within=0.5)
                events: list[str] = [event['envelope']['source'] for event in eventbridge.published()]
                attempts: int = len(eventbridge.journal()['attempts']) + eventbridge.wait(attempts=1)['attempts']
        """,
    )
    types(project, "typed.py").ended(0)
    project.write(
        "wrong.py",
        """
            import putevents_mock

            putevents_mock.start(limit='none').assert_meets(exactlyOnc=True)
        """,
    )
    types(project, "wrong.py").ended(1).has('Unexpected keyword argument "limit"', 'Unexpected keyword argument "exactlyOnc"')


@pytest.fixture
def example(project):
    shutil.copytree(EXAMPLE, project.folder, dirs_exist_ok=True)
    return project


def test_the_example_passes_and_shows_the_report_of_a_wrong_publisher(example):
    script = str(Path(sys.executable).with_name("putevents-mock"))
    for command in (example.pytest_command(), [script, "run", "--", *example.pytest_command()]):
        example.run(*command).ended(0).has("3 passed, 1 xfailed")
    ran = example.pytest("--runxfail").ended(1)
    ran.has("1 failed, 3 passed", "\nE   AssertionError: 2 events were not accepted exactly once\n")
    ran.has_not(*FRAMES)


def test_a_mistake_in_the_example_fails_its_test(example):
    shop = (example.folder / "shop.py").read_text()
    assert shop.count(MISTAKE) == 1
    example.write("shop.py", shop.replace(MISTAKE, "again = list(orders) if result"))
    ran = example.pytest().ended(1)
    ran.has("FAILED test_shop.py::test_sends_again_only_the_order_that_failed", "2 events were not accepted exactly once")
