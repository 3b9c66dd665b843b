"""What the tests share: a project for pytest in a folder, run as a user runs it, with the installed package."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional

import pytest

SHOP = Path(__file__).parent / "shop.py"
# No run of this file takes nearly that long, also on a slow machine.
LIMIT_SECONDS = 120


def without_times(text: str) -> str:
    """The text of a report without the times of its attempts, and without spaces at the ends of lines."""
    return re.sub(r"[ \t]+$", "", re.sub(r"\+\d+\.\d+ s", "+#.### s", text), flags=re.M)


class Ran:
    """A command that has ended."""

    def __init__(self, status: int, printed: str) -> None:
        self.status, self.printed = status, printed

    def has(self, *texts: str) -> None:
        for text in texts:
            assert text in self.printed, f"there is no {text!r} in:\n{self.printed}"

    def has_not(self, *texts: str) -> None:
        for text in texts:
            assert text not in self.printed, f"there is {text!r} in:\n{self.printed}"

    def ended(self, status: int) -> "Ran":
        assert self.status == status, f"ended with {self.status}, not {status}:\n{self.printed}"
        return self


def clean_environment() -> Dict[str, str]:
    """The environment without anything that leads an AWS SDK, pytest or the mock, so that each machine prints the same.

    On a CI system pytest prints the whole text of a failure a second time. It knows one by `CI` or `BUILD_NUMBER`.
    """
    meddling = re.compile(
        "(AWS|PYTEST|PUTEVENTS_MOCK|GITHUB)_|((HTTPS?|ALL|NO)_PROXY|CI|BUILD_NUMBER|FORCE_COLOR|PY_COLORS)$", re.I
    )
    kept = {name: value for name, value in os.environ.items() if not meddling.match(name)}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **nowhere, "COLUMNS": "130"}


class Project:
    """A folder with tests, and the publisher `shop.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = clean_environment()
        (folder / "shop.py").write_text(SHOP.read_text())

    def write(self, name: str, text: str) -> Path:
        """Writes a file. The text may be indented."""
        path = self.folder / name
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def started(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            arguments,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A shell lets its jobs in the background ignore Ctrl-C, and Python then does so too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str) -> Ran:
        process = self.started(*arguments)
        try:
            printed, _ = process.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ran(process.returncode, printed)

    def python(self, *arguments: str) -> Ran:
        return self.run(sys.executable, *arguments)

    def pytest_command(self, *arguments: str) -> List[str]:
        return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]

    def pytest(self, *arguments: str) -> Ran:
        return self.run(*self.pytest_command(*arguments))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def until(holds: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Waits until something holds, at most this long. `what` is said otherwise."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} within {seconds} s"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether there is such a process. One that has ended and was not waited for does not run."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z" if Path("/proc/self").exists() else True
    except FileNotFoundError:
        return False


def pid_in(path: Path) -> Optional[int]:
    """The process id that a test wrote into a file, once it is there."""
    text = path.read_text() if path.exists() else ""
    return int(text) if text.endswith("\n") else None
