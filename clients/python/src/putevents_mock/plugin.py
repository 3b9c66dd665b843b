"""The plugin for pytest: the fixture `eventbridge`, its marker, and a page for each test that fails."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, Generator, Iterator, Union

import pytest

from .environment import undisturbed
from .errors import ServerError, UsageError
from .server import Server
from .session import EventBridge

# The server of this process, or why there is none.
SERVER = pytest.StashKey[Union[Server, ServerError]]()
# The session of a test.
SESSION = pytest.StashKey[EventBridge]()
# The folder of the pages.
PAGES = pytest.StashKey[Path]()
# The property of a failed test that has the path of its page.
PAGE = "eventbridge_html"
LONGEST_NAME = 150


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "write the page of each failed test that used the fixture eventbridge into this folder"
    parser.getgroup("putevents-mock").addoption("--eventbridge-html", metavar="DIR", help=words)
    parser.addini(PAGE, f"{words}, below the root folder", type="string", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", 'eventbridge(limits="before-2026", knownBuses=["orders"]): members of a plan for the mock')
    option, ini = config.getoption("eventbridge_html"), config.getini(PAGE)
    if option:
        config.stash[PAGES] = config.invocation_params.dir / option
        # Processes of xdist get the options, and may have other folders.
        config.option.eventbridge_html = str(config.stash[PAGES])
    elif ini:
        config.stash[PAGES] = config.rootpath / ini


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if isinstance(server, Server):
        server.close()


@pytest.fixture
def eventbridge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[EventBridge]:
    """An Amazon EventBridge for this test alone, to which `boto3.client("events")` leads. `@pytest.mark.eventbridge` sets it up."""
    session = session_of(request.node, server_of(request.config))
    request.node.stash[SESSION] = session
    if PAGES in request.config.stash:
        pages = request.config.stash[PAGES] / name_of(request.node.nodeid)
        remove_pages(pages)
        session.pages = str(pages)
    for name, value in session.changes().items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    with undisturbed():
        yield session


def server_of(config: pytest.Config) -> Server:
    """Returns the server of this process. The first use starts it. Only the first test tells why it cannot be started."""
    is_first = SERVER not in config.stash
    if is_first:
        try:
            config.stash[SERVER] = Server()
        except ServerError as error:
            config.stash[SERVER] = error
    server = config.stash[SERVER]
    if isinstance(server, Server):
        return server
    if is_first:
        pytest.fail(str(server), pytrace=False)
    pytest.skip("the mock of EventBridge could not be started: see the error of the first test that uses it")


def session_of(item: pytest.Item, server: Server) -> EventBridge:
    """Returns a new session with the plan of the markers. The marker of a function overrides that of its class and module."""
    plan: Dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("eventbridge"))):
        if marker.args:
            pytest.fail(
                f"@pytest.mark.eventbridge takes members of a plan as keyword arguments, not {marker.args[0]!r}", pytrace=False
            )
        plan.update(marker.kwargs)
    try:
        return EventBridge(server, plan)  # type: ignore[arg-type]
    except UsageError as error:
        problem = f"@pytest.mark.eventbridge: {error}"
    except ServerError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    report: pytest.TestReport = (yield).get_result()
    session = item.stash.get(SESSION, None)
    if session is None:
        return
    if report.failed and session.pages is not None:
        write_page(session, Path(session.pages), report, call)
    # The fixture does not end the session: other fixtures may still judge it after the test, and a page may be wanted.
    if report.when == "teardown":
        del item.stash[SESSION]
        session.close()
        if session.pages is not None:
            remove_if_empty(Path(session.pages))


def write_page(session: EventBridge, pages: Path, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
    """Writes the page of a failed test, if its search has written none, and notes its path in the report of the test."""
    path = pages if has_files(pages) else pages.with_name(f"{pages.name}.html")
    try:
        if path != pages:
            page = session.page_of(call.excinfo.value if call.excinfo else None)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
    except (OSError, ServerError, UsageError) as error:
        report.sections.append(("putevents-mock", f"the page was not written: {error}"))
    else:
        report.user_properties.append((PAGE, str(path)))


def has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def remove_pages(pages: Path) -> None:
    """Removes the pages that an earlier run of this test has left."""
    with suppress(OSError):
        for page in (pages.with_name(f"{pages.name}.html"), *pages.glob("*.html")):
            page.unlink(missing_ok=True)
    remove_if_empty(pages)


def remove_if_empty(folder: Path) -> None:
    """Removes a folder in which a search has found nothing to write."""
    with suppress(OSError):
        folder.rmdir()


def name_of(nodeid: str) -> str:
    """Returns the name of the page of a test. A name that every file system takes stays, another is changed and gets a hash."""
    plain = nodeid.replace("::", "-").replace("/", "-")
    name = re.sub(r"[^A-Za-z0-9_.\[\]-]", "-", plain)
    if name != plain or len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}"
    return name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    pages = {value for report in reports for name, value in getattr(report, "user_properties", ()) if name == PAGE}
    if len(pages) == 1:
        terminalreporter.write_line(f"putevents-mock: page of the failed test: {pages.pop()}")
    elif pages:
        terminalreporter.write_line(f"putevents-mock: pages of {len(pages)} failed tests: {config.stash[PAGES]}")
