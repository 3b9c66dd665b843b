"""Requests to the API of the mock, below /_mock/. They ignore the proxies of the environment."""

import http.client
import json
from typing import Any, NamedTuple, Optional
from urllib.parse import urlsplit

from .errors import ServerError, UsageError

# The mock answers questions within 30 s, and says so where it cannot.
LONGEST_SECONDS = 60.0


class Reply(NamedTuple):
    """A reply of the API with a status below 300, or 409."""

    status: int
    text: str

    def json(self) -> Any:
        """Returns the body, which is JSON."""
        return json.loads(self.text)


def ask(url: str, method: str, path: str, body: Optional[bytes] = None, waits_ms: int = 0) -> Reply:
    """Sends a request to `path` of the server at `url`, and returns the reply. A question may wait for `waits_ms`.

    Raises UsageError with the words of the API if the request cannot be used, and ServerError for all other failures.
    """
    __tracebackhide__ = True
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=LONGEST_SECONDS + waits_ms / 1000)
    status, text, problem = 0, "", None
    try:
        connection.request(method, target.path.rstrip("/") + path, body)
        response = connection.getresponse()
        status, text = response.status, response.read().decode()
    except (OSError, http.client.HTTPException, ValueError) as error:
        problem = str(error) or type(error).__name__
    finally:
        connection.close()
    if problem:
        raise ServerError(f"the mock at {url} does not reply: {problem}")
    if status < 300 or status == 409:
        return Reply(status, text)
    message = message_of(text)
    if status in (400, 413):
        raise UsageError(message)
    raise ServerError(f"the mock at {url} replied with HTTP {status}: {message}")


def message_of(text: str) -> str:
    """Returns the message in the body of an error. A body of another server is returned as it is."""
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text


def body_of(value: object) -> bytes:
    """Returns the JSON of a fault, an expectation or a plan. Raises UsageError if it has none."""
    __tracebackhide__ = True
    problem = None
    try:
        return json.dumps(value).encode()
    except (TypeError, ValueError) as error:
        problem = str(error)
    raise UsageError(f"{value!r} cannot be written as JSON: {problem}")
