"""The mock without pytest."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from .environment import patched
from .server import Server
from .session import EventBridge

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .plan import Plan

# unittest leaves the frames of such a module out of its output.
__unittest = True


def start(*, patch_environ: bool = False, **plan: Unpack[Plan]) -> EventBridge:
    """Starts a mock, and returns its session: `with putevents_mock.start() as eventbridge:`, or call `eventbridge.close()`.

    The keyword arguments are members of a plan, such as `limits="before-2026"`. With `patch_environ`, `os.environ` leads AWS SDKs
    to the mock until the end. With PUTEVENTS_MOCK_URL in the environment, that server is used and none is started.

    Raises UsageError if the plan cannot be used, and ServerError if the server does not start.
    """
    __tracebackhide__ = True
    with ExitStack() as stack:
        server = Server()
        stack.callback(server.close)
        session = EventBridge(server, plan)
        if patch_environ:
            stack.enter_context(patched(session.changes()))
        session.at_end = stack.pop_all()
    return session
