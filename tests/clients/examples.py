"""tools/settle.py, run as its README says.

A check raises an AssertionError with what was printed where something is not as expected.
"""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def ran(arguments, folder, status, **environment):
    """Runs a command to its end. Returns what it printed."""
    inherited = {name: value for name, value in os.environ.items() if not re.match("(AWS|PUTEVENTS_MOCK)_|.*_PROXY$", name, re.I)}
    completed = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=folder,
        env={
            **inherited,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    called = " ".join(map(str, arguments))
    assert completed.returncode == status, f"{called} ended with {completed.returncode}, not {status}:\n{completed.stdout}"
    return completed.stdout


def settle(binary, python):
    """The tests of the tool; the mock confirms every case."""
    printed = ran([python, "tools/test_settle.py"], ROOT, 0, PUTEVENTS_MOCK=str(Path(binary).resolve()))
    assert re.search(r"\nRan \d+ tests in ", printed) and "skipped" not in printed, printed


CHECKS = {"settle": settle}
