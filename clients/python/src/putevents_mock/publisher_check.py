"""Searches for faults with which a publisher loses or duplicates an event: `putevents-mock explore` drives a function."""

from __future__ import annotations

import inspect
import json
import os
import re
import tempfile
import threading
from contextlib import ExitStack
from functools import partial
from queue import SimpleQueue
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from .api import body_of
from .binary import Process
from .environment import patched
from .errors import ServerError, UsageError
from .interruption import Call

# unittest leaves the frames of such a module out of its output.
__unittest = True


def publisher_check(publish: Callable[..., object], events: Optional[Sequence[object]] = None, **flags: object) -> str:
    """Runs `publish` once for each schedule of faults, each time against a new mock, and returns the report of the search.

    `publish` makes its clients itself, publishes the same events in each run, and returns what it reports to its caller: None if
    all events were published, or `{"published": [1, 2], "failed": [3], "unknown": []}` with values at `identifyBy`. If it raises an
    Exception, not all events were published. With `events`, each run calls `publish(some)` with the first of them, and `publish`
    publishes one event for each.

    The flags are those of `putevents-mock explore`: `identifyBy="/orderId"` or `identify_by="/orderId"`, `runs=40`,
    `without={"Hasty": "it has no time"}`. In each run `os.environ` leads AWS SDKs to its mock. A publisher that does not return
    within `runTime="30s"` is interrupted: in the main thread, KeyboardInterrupt is raised in it.

    Raises AssertionError with the report if a rule is broken or nothing could be judged, and UsageError if a flag cannot be used.
    """
    __tracebackhide__ = True
    with ExitStack() as stack:
        arguments = arguments_of(flags)
        if events is not None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="putevents-mock-"))
            arguments.append(f"--events={written(events, folder)}")
        search = Process(["explore", "--over-stdio", *arguments])
        # An exception that goes through the publisher, such as Ctrl-C, also ends the search.
        stack.callback(search.kill)
        end = driven(search, publish, events is not None)
        status, words = search.wait(), search.errors()
    if end is None and status == 2:
        raise UsageError(words)
    if end is None:
        raise ServerError(f"putevents-mock explore ended with status {status}: {words}")
    report = str(end["report"]).rstrip("\n")
    if end["status"] != 0:
        raise AssertionError(report)
    return report


def arguments_of(flags: Mapping[str, object]) -> List[str]:
    """Returns flags of the command line: `identifyBy="/a"` and `identify_by="/a"` are `--identify-by=/a`."""
    __tracebackhide__ = True
    arguments: List[str] = []
    for name, value in flags.items():
        flag = "--" + re.sub("([A-Z])", r"-\1", name).lower().replace("_", "-")
        if value is True:
            arguments.append(flag)
        elif isinstance(value, Mapping):
            arguments += [f"{flag}={key}={each}" for key, each in value.items()]
        elif isinstance(value, (list, tuple)):
            arguments += [f"{flag}={each}" for each in value]
        elif value is not None and value is not False:
            arguments.append(f"{flag}={value}")
    return arguments


def written(events: Sequence[object], folder: str) -> str:
    """Writes the events into a file, and returns its path."""
    __tracebackhide__ = True
    path = os.path.join(folder, "events.json")
    with open(path, "wb") as file:
        file.write(body_of(list(events)))
    return path


def driven(search: Process, publish: Callable[..., object], has_events: bool) -> Optional[Dict[str, Any]]:
    """Makes the runs that the search asks for, and returns its last line, or None if it ended without one."""
    __tracebackhide__ = True
    lines = Lines(search)
    while True:
        asked = lines.next()
        if asked is None or "status" in asked:
            return asked
        arguments = [asked["events"]] if has_events else []
        with patched(asked["environment"]):
            told = lines.unless_stopped(partial(run, publish, arguments)) or {"raised": "KeyboardInterrupt"}
        search.write_line(body_of({"run": asked["run"], **told}).decode())


class Lines:
    """The lines of a search. A thread reads them, so that the search can stop a run that does not end."""

    def __init__(self, search: Process) -> None:
        self._search = search
        self._lines: SimpleQueue[Optional[Dict[str, Any]]] = SimpleQueue()
        self._call: Optional[Call] = None
        threading.Thread(target=self._read, name="putevents-mock explore", daemon=True).start()

    def next(self) -> Optional[Dict[str, Any]]:
        """Returns the line that asks for a run, or the last line, or None if the search ended without one."""
        return self._lines.get()

    def unless_stopped(self, function: Callable[[], Dict[str, object]]) -> Optional[Dict[str, object]]:
        """Calls the function, and returns what it returns, or None if the search stopped it."""
        __tracebackhide__ = True
        self._call = Call()
        return self._call.of(function)

    def _read(self) -> None:
        read: Optional[Dict[str, Any]] = {}
        while read is not None and "status" not in read:
            read = parsed(self._search.read_line())
            # At the end, no run is to go on either.
            if self._call and (read is None or "run" not in read):
                self._call.interrupt()
            if read is None or "stop" not in read:
                self._lines.put(read)


def parsed(line: str) -> Optional[Dict[str, Any]]:
    """Returns the object of a line, or None if it has none, as at the end."""
    try:
        read: Dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return read


def run(publish: Callable[..., object], arguments: List[object]) -> Dict[str, object]:
    """Calls the publisher, and returns what it reported."""
    __tracebackhide__ = True
    try:
        result = publish(*arguments)
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"}
    if result is None:
        return {"reported": "allPublished"}
    if isinstance(result, dict):
        return {"reported": result}
    if inspect.iscoroutine(result):
        result.close()
        raise UsageError("publish is a coroutine function: pass a function that runs it, such as lambda: asyncio.run(publish())")
    raise UsageError(
        f"publish returned {result!r}: return None if all events were published, or a dict such as "
        '{"published": [1, 2], "failed": [3]}, or raise an Exception'
    )
