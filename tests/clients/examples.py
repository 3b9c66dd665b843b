"""The example in TypeScript, and tools/settle.py: each is run as its README says, and the example once with a mistake.

A check raises an AssertionError with what was printed where something is not as expected.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TYPESCRIPT_EXAMPLE = ROOT / "examples" / "typescript"

# What the mock says of a publisher that sends the whole batch again where one entry of three failed.
REPORT = 'expect[1]: {"exactlyOnce":true,"identifyBy":"/orderId"}\n2 events were not accepted exactly once\n'
TIMELINE = r"2 attempts, 5 events published\n\s*#1  \+.* s  3 entries  \[1\] ThrottlingException \(injected\), 2 accepted\n"


def ran(arguments, folder, binary, status, **environment):
    """Runs a command to its end, with the binary first in the path. Returns what it printed."""
    inherited = {
        name: value for name, value in os.environ.items() if not re.match("(AWS|PYTEST|PUTEVENTS_MOCK|NODE)_|.*_PROXY$", name, re.I)
    }
    completed = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=folder,
        env={
            **inherited,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": os.pathsep.join([str(Path(binary).resolve().parent), os.environ["PATH"]]),
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


def holds(printed, *patterns):
    for pattern in patterns:
        assert re.search(pattern, printed), f"there is no {pattern!r} in:\n{printed}"


def report_is_in(printed):
    """The report, whatever its lines are indented by."""
    lines = "\n".join(line.strip() for line in printed.splitlines())
    assert REPORT in lines and re.search(TIMELINE, lines), f"the report is not in:\n{printed}"


def with_mistake(file, text, instead):
    before = file.read_text()
    assert before.count(text) == 1, f"{file} has {text!r} {before.count(text)} times"
    file.write_text(before.replace(text, instead))


def settle(binary, target, python):
    """The tests of the tool; the mock confirms every case."""
    printed = ran([python, "tools/test_settle.py"], ROOT, binary, 0, PUTEVENTS_MOCK=str(Path(binary).resolve()))
    holds(printed, r"\nRan \d+ tests in ")
    assert "skipped" not in printed, printed


def install_typescript(into, versions, npm):
    """The packages of the example, in the versions of its package.json. The SDK is that of the other client in JavaScript."""
    package = json.loads((TYPESCRIPT_EXAMPLE / "package.json").read_text())
    pins = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pins.values()), f"not all are exact versions: {pins}"
    sdk = "@aws-sdk/client-eventbridge"
    assert pins[sdk] == versions[sdk], f"{sdk} is {pins[sdk]} in the example and {versions[sdk]} in versions.json"
    npm(into, pins)


def typescript_example(binary, target, python):
    folder = target / "typescript-example"
    for part in ("src", "test"):
        shutil.rmtree(folder / part, ignore_errors=True)
    shutil.copytree(TYPESCRIPT_EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    run = ["putevents-mock", "run", "--", "npm", "test"]
    ran(["npm", "run", "types"], folder, binary, 0)
    holds(ran(run, folder, binary, 0), r"pass 4\n", r"fail 0\n")
    printed = ran(run, folder, binary, 1, WRONG="1")
    report_is_in(printed)
    holds(printed, r"pass 3\n", r"accepted in #1 already\n *at .*/test/shop\.test\.ts:\d+:\d+\)\n")
    holds(ran(["npm", "test"], folder, binary, 1), r"there is no mock: run the tests as `putevents-mock run -- npm test`\n")

    with_mistake(folder / "src" / "shop.ts", "          again.push(order);", "          again.splice(0, again.length, ...open);")
    printed = ran(run, folder, binary, 1)
    report_is_in(printed)
    holds(printed, r"✖ sends again only the order that failed")


CHECKS = {"settle": settle, "typescript-example": typescript_example}
