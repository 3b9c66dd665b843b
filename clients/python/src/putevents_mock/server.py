"""A server for the sessions of one process."""

import json
import os
import subprocess
from typing import Optional

from . import binary
from .binary import Process
from .environment import Changes
from .errors import MissingBinaryError, ServerError

URL = "PUTEVENTS_MOCK_URL"
LISTEN = "PUTEVENTS_MOCK_LISTEN"


class Server:
    """The server at PUTEVENTS_MOCK_URL, or without that variable a server that this process starts and ends.

    A server that is started takes a free port, or the address of PUTEVENTS_MOCK_LISTEN.

    Raises MissingBinaryError, or ServerError with the words of the server if it does not start.
    """

    def __init__(self) -> None:
        __tracebackhide__ = True
        self._process: Optional[Process] = None
        self.url = os.environ.get(URL, "").rstrip("/")
        if not self.url:
            self._process = serve()
            self.url = first_line(self._process).split()[-1]
        self.changes = environment_of(self.url, is_ours=self._process is not None)

    def close(self) -> None:
        """Ends the server if this process has started it."""
        if self._process:
            self._process.close()


def serve() -> Process:
    """Starts a server."""
    __tracebackhide__ = True
    address = [] if os.environ.get(LISTEN) else ["--listen", "127.0.0.1:0"]
    return Process(["serve", "--until-stdin-ends", *address])


def first_line(server: Process) -> str:
    """Returns the line with the URL of the server."""
    __tracebackhide__ = True
    line = server.read_line()
    if line:
        return line
    server.wait()
    words = server.errors()
    server.close()
    raise ServerError(words or "putevents-mock ended before it was ready")


def environment_of(url: str, is_ours: bool) -> Changes:
    """Returns the changes of the environment that lead AWS SDKs to the server.

    Without a binary, whoever started the server also has to set its environment, as `putevents-mock run` does.
    """
    __tracebackhide__ = True
    problem = None
    try:
        printed = subprocess.run(
            [str(binary.find()), "env", "--url", url], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8"
        )
    except MissingBinaryError:
        if is_ours:
            raise
        return {}
    except OSError as error:
        problem = f"cannot start putevents-mock: {error}"
    if problem is None and printed.returncode != 0:
        problem = printed.stderr.strip()
    if problem is not None:
        raise ServerError(problem)
    changes: Changes = json.loads(printed.stdout)
    return changes
