"""Calls a function that another thread can interrupt, as Ctrl-C does."""

import signal
import sys
import threading
from contextlib import suppress
from typing import Callable, Optional, TypeVar

T = TypeVar("T")

# The time that a function has to end before it is interrupted, and before it is interrupted again.
PAUSE_SECONDS = 0.5
# The longest time in which an interruption arrives.
ARRIVAL_SECONDS = 0.2


class Call:
    """A call of a function. Another thread may end it by `interrupt`, which raises KeyboardInterrupt in it.

    Only calls of the main thread can be interrupted, and only where Ctrl-C raises an exception.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        is_main = threading.current_thread() is threading.main_thread()
        self._can_be_interrupted = is_main and callable(signal.getsignal(signal.SIGINT))
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._is_interrupted = False

    def of(self, function: Callable[[], T]) -> Optional[T]:
        """Calls the function, and returns what it returns, or None if the call was interrupted."""
        __tracebackhide__ = True
        returned = None
        try:
            returned = function()
        except KeyboardInterrupt:
            if not self._is_interrupted:
                raise
        finally:
            # An interruption that is under way must not reach what follows. Tests replace time.sleep, so this waits otherwise.
            with suppress(KeyboardInterrupt):
                with self._lock:
                    self._ended.set()
                if self._is_interrupted:
                    threading.Event().wait(ARRIVAL_SECONDS)
        return None if self._is_interrupted else returned

    def interrupt(self) -> None:
        """Interrupts the call until it has ended. Does nothing if it cannot be interrupted."""
        while self._can_be_interrupted and not self._ended.wait(PAUSE_SECONDS):
            with self._lock:
                if not self._ended.is_set():
                    self._is_interrupted = True
                    raise_interrupt(self._thread)


def raise_interrupt(thread: int) -> None:
    """Raises KeyboardInterrupt in the main thread, also where it waits for something."""
    if sys.platform == "win32":
        import _thread

        _thread.interrupt_main()
    else:
        signal.pthread_kill(thread, signal.SIGINT)
