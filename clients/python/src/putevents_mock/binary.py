"""Finds the binary, and starts it."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import IO, List

from .errors import MissingBinaryError, ServerError

BINARY = "PUTEVENTS_MOCK_BINARY"
BUNDLED = Path(__file__).parent / "bin" / ("putevents-mock.exe" if sys.platform == "win32" else "putevents-mock")


def find() -> Path:
    """Returns the path of the binary: that of PUTEVENTS_MOCK_BINARY, else the one in the package.

    Raises MissingBinaryError if there is none.
    """
    __tracebackhide__ = True
    named = os.environ.get(BINARY)
    if named and not Path(named).is_file():
        raise MissingBinaryError(f"{BINARY} is {named}, and there is no such file: set it to the path of the binary putevents-mock")
    if named:
        return Path(named)
    if not BUNDLED.is_file():
        raise MissingBinaryError(
            f"the package putevents-mock has no binary for {sysconfig.get_platform()}: run "
            f"`cargo install putevents-mock --features cli`, then set {BINARY} to the path of the installed binary"
        )
    return BUNDLED


class Process:
    """The binary as a process of its own, with pipes to its standard input and output.

    Ctrl-C does not reach the process. It ends when its standard input does, so also after a SIGKILL of this process. Its standard
    error goes to a file without a name, so that nobody has to read it.
    """

    def __init__(self, arguments: List[str]) -> None:
        __tracebackhide__ = True
        command = [str(find()), *arguments]
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        self._owner = os.getpid()
        problem = None
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                encoding="utf-8",
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            problem = error.strerror or str(error)
        if problem:
            self._errors.close()
            raise ServerError(f"cannot start {command[0]}: {problem}")
        if hasattr(os, "register_at_fork"):
            # A fork of this process must not keep the pipe open after this process has ended.
            os.register_at_fork(after_in_child=self._input.close)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def _input(self) -> IO[str]:
        assert self._process.stdin
        return self._process.stdin

    def read_line(self) -> str:
        """Returns the next line of standard output, and an empty text at its end or if another thread closes it."""
        assert self._process.stdout
        try:
            return self._process.stdout.readline()
        except ValueError:
            return ""

    def write_line(self, line: str) -> None:
        """Writes a line to standard input. A process that has ended reads nothing; the next `read_line` tells."""
        try:
            self._input.write(line + "\n")
            self._input.flush()
        except OSError:
            pass

    def wait(self) -> int:
        """Closes standard input, waits until the process has ended, and returns its status. A process that hangs is killed."""
        try:
            self._input.close()
        except OSError:
            pass
        try:
            return self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        self.close()

    def errors(self) -> str:
        """Returns what the process wrote to standard error."""
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Ends the process and frees its pipes. Does nothing in a fork of the process that started it, and the second time."""
        if self._owner != os.getpid() or self._errors.closed:
            return
        self.wait()
        assert self._process.stdout
        self._process.stdout.close()
        self._errors.close()
