"""The tests of tools/settle.py, as its README says: the mock confirms every case."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def check(binary, python):
    """Raises an AssertionError with what was printed if something is not as expected."""
    inherited = {name: value for name, value in os.environ.items() if not re.match("(AWS|PUTEVENTS_MOCK)_|.*_PROXY$", name, re.I)}
    ran = subprocess.run(
        [str(python), "tools/test_settle.py"],
        cwd=ROOT,
        env={
            **inherited,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PUTEVENTS_MOCK": str(Path(binary).resolve()),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, f"tools/test_settle.py ended with {ran.returncode}, not 0:\n{ran.stdout}"
    assert re.search(r"\nRan \d+ tests in ", ran.stdout) and "skipped" not in ran.stdout, ran.stdout
