"""A server for the sessions of one process."""

import json
import os
import subprocess
from typing import Optional
from urllib.parse import urlsplit

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
        if self.url and not is_http(self.url):
            raise ServerError(f"{URL} is {self.url}: write a URL such as http://127.0.0.1:4010")
        if not self.url:
            self._process = serve()
            self.url = first_line(self._process).split()[-1]
        self.changes = environment_of(self.url, is_ours=self._process is not None)

    @property
    def pid(self) -> Optional[int]:
        """The process id of the server, if this process has started it."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """Ends the server if this process has started it."""
        if self._process:
            self._process.close()


def is_http(url: str) -> bool:
    """Whether this is a URL of HTTP with a host, and with a port that is a number if it has one."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


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
    printed, problem = None, ""
    try:
        printed = subprocess.run(
            [str(binary.find()), "env", "--url", url], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8"
        )
    except MissingBinaryError:
        if is_ours:
            raise
        return {}
    except OSError as error:
        problem = f"cannot start putevents-mock: {error.strerror}"
    if printed is None or printed.returncode != 0:
        raise ServerError(printed.stderr.strip() if printed else problem)
    changes: Changes = json.loads(printed.stdout)
    return changes
