"""A session: the mock of one test."""

from __future__ import annotations

import sys
import uuid
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Type
from urllib.parse import quote, urlencode

from .api import Reply, ask, body_of
from .environment import Changes, changed
from .errors import ServerError, UsageError
from .publisher_check import publisher_check
from .server import Server

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Unpack

    from .plan import Event, Expectation, Fault, InjectedFault, Journal, Plan, Session

# unittest leaves the frames of such a module out of its output.
__unittest = True


class EventBridge:
    """An Amazon EventBridge for one test: its own faults, its own journal, and a clock that starts anew.

    The requests of clients whose access key id is `name` go to it. All methods raise UsageError with the words of the mock if an
    argument cannot be used, and ServerError if the mock does not reply.
    """

    def __init__(self, server: Server, plan: Plan) -> None:
        __tracebackhide__ = True
        self.url: str = server.url
        """The URL of the server."""
        self.name: str = f"test-{uuid.uuid4()}"
        """The name of the session, which is the access key id of its clients."""
        self.at_end = ExitStack()
        """What ends with the session."""
        self.pages: Optional[str] = None
        """The folder for the pages of a search, if its flags name none."""
        self._changes = server.changes
        self._unmet: Tuple[Optional[AssertionError], object] = (None, None)
        self._ask("PUT", "", plan or None)

    # Faults and answers

    def inject(self, *faults: Fault, **fault: Unpack[Fault]) -> List[int]:
        """Injects faults, and returns their ids: `inject(entry="ThrottlingException", times=1)`, or any number of dicts."""
        __tracebackhide__ = True
        if not faults and not fault:
            raise UsageError('there is no fault: write its members, such as inject(entry="ThrottlingException", times=1)')
        injected = self._ask("POST", "/faults", one_or_all(faults, fault))
        return list(injected.json()["ids"])

    def faults(self) -> List[InjectedFault]:
        """Returns the injected faults, also the removed ones, with how often each has applied."""
        __tracebackhide__ = True
        return list(self._ask("GET", "/faults").json()["faults"])

    def clear_faults(self) -> None:
        """Removes all faults. Outcomes that they caused stay in the journal."""
        __tracebackhide__ = True
        self._ask("DELETE", "/faults")

    def answer(self, operation: str, body: Mapping[str, Any]) -> None:
        """Sets the reply to an operation other than PutEvents: `answer("ListRules", {"Rules": []})`."""
        __tracebackhide__ = True
        self._ask("PUT", f"/answers/{quote(operation, safe='')}", body)

    # Expectations

    def assert_meets(self, *expectations: Expectation, within: Optional[float] = None, **expectation: Unpack[Expectation]) -> None:
        """Checks what the publisher did: `assert_meets(exactlyOnce=True, identifyBy="/orderId")`, or any number of dicts.

        Without expectations, checks those of the plan. With `within`, waits at most that many seconds until all are met.

        Raises AssertionError with the report if one is not met.
        """
        __tracebackhide__ = True
        expected = one_or_all(expectations, expectation)
        path, waits_ms = "/assertions", 0
        if within is not None:
            waits_ms = round(within * 1000)
            path += f"?limitMs={waits_ms}"
        reply = self._ask("POST", path, expected, waits_ms)
        if reply.status == 409:
            error = AssertionError(reply.json()["report"].rstrip("\n") + (blocked("assert_meets") if waits_ms else ""))
            self._unmet = (error, expected)
            raise error

    def wait(
        self,
        *,
        published: Optional[int] = None,
        attempts: Optional[int] = None,
        idleMs: Optional[int] = None,
        limitMs: Optional[int] = None,
    ) -> Session:
        """Waits for this many published events, for this many requests, or until nothing happened for `idleMs` milliseconds.

        `limitMs` is the longest wait in milliseconds: 10,000 by default, at most 300,000. Returns the counts of the session.

        Raises AssertionError with the report at the limit.
        """
        __tracebackhide__ = True
        asked = {"published": published, "attempts": attempts, "idleMs": idleMs, "limitMs": limitMs}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        reply = self._ask("GET", f"/wait?{query}", waits_ms=limitMs or 0)
        if reply.status == 409:
            raise AssertionError(reply.json()["message"].rstrip("\n") + blocked("wait"))
        counts: Session = reply.json()
        return counts

    def publisher_check(self, publish: Callable[..., object], events: Optional[Sequence[object]] = None, **flags: object) -> str:
        """Searches for the faults with which `publish` loses or duplicates an event. See `putevents_mock.publisher_check`."""
        __tracebackhide__ = True
        if self.pages is not None and not flags.keys() & {"htmlDir", "html_dir"}:
            flags["htmlDir"] = self.pages
        return publisher_check(publish, events, **flags)

    # What happened

    def published(self) -> List[Event]:
        """Returns the accepted events in their order, as the targets of rules would receive them."""
        __tracebackhide__ = True
        return list(self._ask("GET", "/published").json()["published"])

    def journal(self) -> Journal:
        """Returns every request with its reply, with raw heads and bodies."""
        __tracebackhide__ = True
        journal: Journal = self._ask("GET", "/journal").json()
        return journal

    def report(self) -> str:
        """Returns the timeline as text."""
        __tracebackhide__ = True
        return self._ask("GET", "/report").text

    def page(self, *expectations: Expectation, **expectation: Unpack[Expectation]) -> str:
        """Returns the journal as one HTML file, with the expectations that are not met at its top.

        Without expectations, those are the ones of the plan.
        """
        __tracebackhide__ = True
        return self._ask("POST", "/page", one_or_all(expectations, expectation)).text

    def page_of(self, error: Optional[BaseException]) -> str:
        """Returns the page for a test that failed with this error. If `assert_meets` raised it, its expectations stand there."""
        unmet, expected = self._unmet
        return self._ask("POST", "/page", expected if error is unmet else None).text

    # Clients

    def client_config(self) -> Dict[str, str]:
        """Returns arguments for a client: `boto3.client("events", **eventbridge.client_config())`."""
        variables = self.environment()
        return {
            "endpoint_url": self.url,
            "region_name": variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1",
            "aws_access_key_id": self.name,
            "aws_secret_access_key": variables.get("AWS_SECRET_ACCESS_KEY") or "secret",
        }

    def environment(self) -> Dict[str, str]:
        """Returns the environment of this process, changed so that AWS SDKs of a child process find this session."""
        return changed(self.changes())

    def changes(self) -> Changes:
        """Returns the variables that `environment` changes. None stands for a variable that is removed."""
        return {**self._changes, "PUTEVENTS_MOCK_URL": self.url, "AWS_ACCESS_KEY_ID": self.name}

    # The end

    def close(self) -> None:
        """Deletes the session. Ends the server, if `putevents_mock.start` has started it."""
        # It may be gone with its server.
        with self.at_end, suppress(ServerError):
            self._ask("DELETE", "")

    def __repr__(self) -> str:
        return f"<EventBridge {self.name} at {self.url}>"

    def __enter__(self) -> EventBridge:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        self.close()

    def _ask(self, method: str, path: str, body: object = None, waits_ms: int = 0) -> Reply:
        __tracebackhide__ = True
        sent = None if body is None else body_of(body)
        reply = ask(self.url, method, f"/_mock/sessions/{self.name}{path}", sent, waits_ms)
        if method == "PUT" and reply.status == 409:
            raise ServerError(reply.json()["message"])
        return reply


def blocked(method: str) -> str:
    """Returns a hint if the thread that waited runs an event loop. A publisher in that loop could not go on."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:
        return ""
    instead = f"`await asyncio.to_thread(eventbridge.{method}, ...)`"
    return f"\n\nThe event loop stood still meanwhile: {instead} lets a publisher in it go on."


def one_or_all(several: Sequence[Any], one: Mapping[str, Any]) -> Any:
    """Returns what is sent for `f(a, b, c=1)`: one object, a list of them, or None if there is none."""
    __tracebackhide__ = True
    for each in several:
        if not isinstance(each, Mapping):
            raise UsageError(f"{each!r} is not a dict: write a dict, or its members as keyword arguments")
    together = [*several, one] if one else list(several)
    return together[0] if len(together) == 1 else together or None
