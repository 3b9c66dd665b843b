"""Publishes with the AWS CLI: one line of JSON on stdin is one command, one line on stdout what came of it.

Endpoint, region and secret key come from the environment.
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AWS = Path(sys.executable).with_name("aws")
# Commands wait most of their time, but each needs a second of the processor to start.
AT_ONCE = 6


def publish(call):
    command = [sys.executable, str(AWS), "events", "put-events", "--output", "json"]
    command += ["--entries", json.dumps(call["entries"])]
    if "readTimeoutMs" in call:
        command += ["--cli-read-timeout", str(call["readTimeoutMs"] // 1000)]
    ran = subprocess.run(
        command, env={**os.environ, "AWS_ACCESS_KEY_ID": call["accessKey"]}, capture_output=True, text=True
    )
    if ran.returncode == 0:
        # Where the answer has nothing to show, the command prints nothing.
        answer = json.loads(ran.stdout or "{}")
        return {"ok": True, "failedEntryCount": answer.get("FailedEntryCount"), "entries": answer.get("Entries")}
    message = ran.stderr.strip()
    code = re.search(r"An error occurred \((.*?)\) when calling", message)
    return {"ok": False, "error": code[1] if code else f"exit status {ran.returncode}", "message": message}


def run(line):
    call = json.loads(line)
    print(json.dumps({"case": call["case"], **publish(call)}) + "\n", end="", flush=True)


with ThreadPoolExecutor(AT_ONCE) as pool:
    list(pool.map(run, sys.stdin))
