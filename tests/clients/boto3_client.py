"""Publishes with boto3: one line of JSON on stdin is one call with a client of its own, one line on stdout what came of it.

All calls run at once. Endpoint, region, secret key and retry mode come from the environment.
"""

import json
import os
import sys
import threading

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

writing = threading.Lock()


def publish(client, entries):
    try:
        answer = client.put_events(Entries=entries)
    except ClientError as error:
        return {"ok": False, "error": error.response["Error"]["Code"], "message": str(error)}
    except Exception as error:
        return {"ok": False, "error": type(error).__name__, "message": str(error)}
    return {"ok": True, "failedEntryCount": answer.get("FailedEntryCount"), "entries": answer.get("Entries")}


def run(call, client):
    seen = publish(client, call["entries"])
    with writing:
        print(json.dumps({"case": call["case"], **seen}), flush=True)


threads = []
# One session shares what it has read of the service's model; each client has its own connections and retries.
session = boto3.Session()
for line in sys.stdin:
    call = json.loads(line)
    timeout = {"read_timeout": call["readTimeoutMs"] / 1000} if "readTimeoutMs" in call else {}
    client = session.client(
        "events",
        aws_access_key_id=call["accessKey"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        config=Config(**timeout),
    )
    threads.append(threading.Thread(target=run, args=(call, client)))
    threads[-1].start()
for thread in threads:
    thread.join()
