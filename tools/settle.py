#!/usr/bin/env python3
"""Sends the cases of fixtures/golden to EventBridge, and says which of them its answers confirm and which they contradict.

    pip install botocore
    python3 tools/settle.py --dry-run
    python3 tools/settle.py [--region REGION] [--profile PROFILE] [--event-bus NAME]

The requests are signed with your credentials. They publish some 20 events of the source "putevents-mock.settle". The
answers are written to settled.json, with everything removed that belongs to your account, and settled.md sums them up.
fixtures/golden/README.md says more.

Exit status: 0 where nothing was contradicted, 1 where something was, 2 where it could not run. Needs Python 3.9 and botocore.
"""

import argparse
import contextlib
import copy
import datetime
import http.client
import json
import os
import re
import socket
import ssl
import sys
import time
import urllib.parse
from pathlib import Path

CASES = Path(__file__).resolve().parent.parent / "fixtures" / "golden"

# The source and the bus of everything that is sent.
SOURCE = "putevents-mock.settle"
NO_SUCH_BUS = "putevents-mock-no-such-bus"
SOURCES_OF_CASES = re.compile(r"com\.mycompany\.myapp")

CONFIRMED, CONTRADICTED, NOT_SETTLED = "confirmed", "contradicted", "not settled"

# Cases that are injected into the mock, and that a wrong signature provokes in the service.
WRONG_KEY = ("AKIAIOSFODNN7EXAMPLE", "a secret that no key has")
PROVOKED = {"auth_unrecognized_client": "a key that nobody has", "auth_bad_signature": "your key with a wrong secret"}

NEED_MORE = {
    "endpoint_id_sigv4a": "it needs a global endpoint of your own and a signature of version 4A",
    "auth_expired_token": "it needs a session token that has expired",
    "access_denied": "it needs credentials that may not call events:PutEvents",
}
NOT_PROVOKED = "no request provokes it: it takes trouble inside the service, or more traffic than is harmless"

# What is said of the caller, by code, and what the caller can do about it.
ABOUT_THE_CALLER = {
    "UnrecognizedClientException": "the service does not know this access key: check the credentials and the region",
    "InvalidClientTokenId": "the service does not know this access key: check the credentials and the region",
    "ExpiredTokenException": "the session token has expired: get new credentials (such as `aws sso login`), and run this again",
    "InvalidSignatureException": "the signature does not match: check the secret access key and the clock of this machine",
    "AccessDeniedException": "these credentials may not do it: the identity needs the permission events:PutEvents",
    "OptInRequired": "the account is not subscribed to the service, or the region is not enabled",
}
OF_AUTHENTICATION = {
    *ABOUT_THE_CALLER,
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "IncompleteSignatureException",
    "IncompleteSignature",
}
OF_THROTTLING = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}

# Of these headers the values are kept. Of all others the names are.
KEPT_HEADERS = {
    "connection",
    "content-length",
    "content-type",
    "retry-after",
    "transfer-encoding",
    "x-amz-retry-after",
    "x-amzn-errortype",
    "x-amzn-requestid",
}


class CannotRun(Exception):
    """Why nothing, or nothing more, can be sent. In plain words."""


class Skip(Exception):
    """Why a case is not sent."""


# The cases


def expand(value):
    """Writes out `<x*3>`, which stands for `xxx`, in every text."""
    if isinstance(value, str):
        return re.sub(r"<([^<>*]+)\*(\d+)>", lambda found: found[1] * int(found[2]), value)
    if isinstance(value, list):
        return [expand(item) for item in value]
    if isinstance(value, dict):
        return {name: expand(item) for name, item in value.items()}
    return value


def condense(value):
    """The opposite: 64 equal characters or more are written as `<x*64>`."""
    if isinstance(value, str):
        return re.sub(r"([^<>*])\1{63,}", lambda found: f"<{found[1]}*{len(found[0])}>", value)
    if isinstance(value, list):
        return [condense(item) for item in value]
    if isinstance(value, dict):
        return {condense(name): condense(item) for name, item in value.items()}
    return value


def read_cases(folder, only=None):
    """The cases in the order of their numbers."""
    cases = []
    for path in folder.glob("*.json"):
        number = re.match(r"(\d+)_", path.name)
        if number:
            try:
                case = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise CannotRun(f"{path} cannot be read: {error}") from error
            cases.append(
                {**case, "number": int(number[1]), "request": expand(case["request"]), "response": expand(case["response"])}
            )
    if not cases:
        raise CannotRun(f"there are no cases in {folder}: say with --cases where fixtures/golden is")
    cases.sort(key=lambda case: case["number"])
    if only is not None:
        missing = sorted(only - {case["number"] for case in cases})
        if missing:
            raise CannotRun(f"there is no case {missing[0]} in {folder}: --only takes numbers of its files, such as 24,67")
        cases = [case for case in cases if case["number"] in only]
    return cases


def generated(generator):
    """A request whose entries have a given size together, by the documented formula."""
    count, total = generator["entries"], generator["total_entry_size_bytes"]
    source, detail_type, template = generator["Source"], generator["DetailType"], generator["detail_template"]
    entries = []
    for index in range(count):
        size = total // count + (total % count if index == 0 else 0)
        around = len((source + detail_type + template.replace("x\u2026", "")).encode())
        entry = {"Source": source, "DetailType": detail_type, "Detail": template.replace("x\u2026", "x" * (size - around))}
        if "TraceHeader" in generator:
            entry["TraceHeader"] = generator["TraceHeader"]
        entries.append(entry)
    return {"Entries": entries}


# What is sent


class Prepared:
    """A case as it is sent: harmless, and with an answer that is expected of it."""

    def __init__(self, case, bus=None, account=None, region="us-east-1"):
        self.case = case
        self.method, self.path = case["request"]["method"], case["request"]["path"]
        self.headers = dict(case["request"]["headers"])
        self.expected = copy.deepcopy(case["response"])
        self.changed = []
        self.bus, self.account, self.region = bus, account, region
        if case["id"] in NEED_MORE:
            raise Skip(NEED_MORE[case["id"]])
        if case["trigger"] == "injected" and case["id"] not in PROVOKED:
            raise Skip(NOT_PROVOKED)
        authorization = self.headers.get("Authorization", "")
        self.is_signed = authorization.startswith("AWS4-HMAC-SHA256 ")
        if self.is_signed:
            del self.headers["Authorization"]
        if "X-Amz-Date" in self.headers:
            # A signature sets it once more.
            self.headers["X-Amz-Date"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        self.body = self._body(case["request"])

    def _change(self, what):
        if what not in self.changed:
            self.changed.append(what)

    def _body(self, request):
        if "body_hex" in request:
            if self.bus and "Content-Encoding" in self.headers:
                raise Skip("its compressed body cannot be sent to another event bus: leave --event-bus out")
            return bytes.fromhex(request["body_hex"])
        if "body_raw" in request:
            raw, sources = SOURCES_OF_CASES.subn(SOURCE, request["body_raw"])
            if sources:
                self._change("Source")
                if self.bus:
                    raw = raw.replace('"DetailType":', f'"EventBusName":{json.dumps(self.bus)},"DetailType":')
                    self._change("EventBusName")
            return raw.encode()
        if "body_generator" in request:
            # The source first, so that the size stays what it was.
            body = generated({**request["body_generator"], "Source": SOURCE})
            self._change("Source")
        elif "body" in request:
            body = copy.deepcopy(request["body"])
        else:
            return b""
        if self.headers.get("X-Amz-Target", "").endswith(".DescribeEventBus"):
            self._describe(body)
        entries = body.get("Entries") if isinstance(body, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                self._harmless(entry)
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _harmless(self, entry):
        """One entry, under a source of ours and for the bus that was asked for."""
        source = entry.get("Source")
        # A source that begins with "aws." is refused; that is the case.
        if isinstance(source, str) and source and not source.startswith(("aws.", SOURCE)):
            ours, found = SOURCES_OF_CASES.subn(SOURCE, source)
            entry["Source"] = ours if found else SOURCE
            self._expect(f"source={source},", f"source={entry['Source']},")
            self._change("Source")
        named = entry.get("EventBusName")
        if named == "event-bus-does-not-exist":
            entry["EventBusName"] = NO_SUCH_BUS
            self._change("EventBusName")
        elif self.bus and named in (None, "default"):
            entry["EventBusName"] = self.bus
            self._expect("eventBusName=null", f"eventBusName={self.bus}")
            self._change("EventBusName")

    def _describe(self, body):
        """The question about a bus, which is about one that is there, or surely not there, in the account of the caller."""
        self._change("Name")
        if body["Name"].startswith("arn:"):
            if not self.account:
                raise Skip("the account is not known: the answer to DescribeEventBus for a bus that is there has it")
            partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(re.match("cn|us-gov|", self.region)[0], "aws")
            body["Name"] = f"arn:{partition}:events:{self.region}:{self.account}:event-bus/{NO_SUCH_BUS}"
            return
        body["Name"] = (self.bus or "default").rpartition("/")[2]
        expected = self.expected["body"]
        expected.update({"Name": body["Name"], "Arn": "<any>", "CreationTime": "<any>", "LastModifiedTime": "<any>"})

    def _expect(self, old, new):
        def replaced(value):
            if isinstance(value, str):
                return value.replace(old, new)
            if isinstance(value, list):
                return [replaced(item) for item in value]
            if isinstance(value, dict):
                return {name: replaced(item) for name, item in value.items()}
            return value

        self.expected = replaced(self.expected)

    def events(self):
        """How many events it publishes where the answer is as expected."""
        results = self.expected.get("body", {}).get("Entries", []) if isinstance(self.expected.get("body"), dict) else []
        return sum("EventId" in result for result in results)

    def is_plain(self):
        """Whether only the caller can be the reason where this one is refused as the caller's fault."""
        return (
            self.is_signed
            and self.case["id"] not in PROVOKED
            and (self.method, self.path) == ("POST", "/")
            and self.headers.get("Content-Type") == "application/x-amz-json-1.1"
            and self.headers.get("X-Amz-Target") == "AWSEvents.PutEvents"
        )

    def text(self):
        """The request to read, cut where it is long."""
        head = [f"{self.method} {self.path}"] + [f"{name}: {condense(value)}" for name, value in self.headers.items()]
        if self.case["id"] in PROVOKED:
            head.append(f"Authorization: (signed when it is sent, with {PROVOKED[self.case['id']]})")
        elif self.is_signed:
            head.append("Authorization: (signed when it is sent)")
        try:
            body = condense(self.body.decode("utf-8"))
        except UnicodeDecodeError:
            body = f"({len(self.body)} bytes that are no text)"
        if len(body) > 400:
            body = f"{body[:400]}... ({len(self.body)} bytes in all)"
        return "\n".join(head + ([body] if body else []))


class Sender:
    """Signs requests and exchanges them, one connection each."""

    def __init__(self, endpoint, region, credentials=None, timeout=30, ca_bundle=None):
        self.endpoint, self.region, self.credentials, self.timeout = endpoint, region, credentials, timeout
        url = urllib.parse.urlsplit(endpoint)
        self.host, self.port, self.is_tls = url.hostname, url.port, url.scheme == "https"
        self.ca_bundle = ca_bundle

    def is_aws(self):
        return bool(re.search(r"(^|\.)amazonaws\.com(\.cn)?$|\.api\.aws$", self.host))

    def signed(self, prepared):
        """The headers with a signature, where the case has one."""
        if not prepared.is_signed:
            return prepared.headers
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        credentials = self.credentials
        if prepared.case["id"] == "auth_unrecognized_client":
            credentials = Credentials(*WRONG_KEY)
        elif prepared.case["id"] == "auth_bad_signature":
            credentials = Credentials(credentials.access_key, WRONG_KEY[1], credentials.token)
        unsigned = {name: value for name, value in prepared.headers.items() if name != "X-Amz-Date"}
        request = AWSRequest(prepared.method, self.endpoint.rstrip("/") + prepared.path, headers=unsigned, data=prepared.body)
        SigV4Auth(credentials, "events", self.region).add_auth(request)
        added = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
        return {**unsigned, **{name: request.headers[name] for name in added if request.headers.get(name)}}

    def exchange(self, prepared):
        """The answer, as `status`, `headers` (pairs) and `body` (bytes)."""
        if self.is_tls:
            context = ssl.create_default_context(cafile=self.ca_bundle)
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=context)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            connection.putrequest(prepared.method, prepared.path, skip_accept_encoding=True)
            for name, value in self.signed(prepared).items():
                connection.putheader(name, value)
            connection.putheader("User-Agent", "putevents-mock-settle")
            if prepared.body or prepared.method in ("POST", "PUT"):
                connection.putheader("Content-Length", str(len(prepared.body)))
            connection.endheaders()
            # A server may refuse a body before it has all of it; the answer is there to be read.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(prepared.body)
            answer = connection.getresponse()
            return {"status": answer.status, "headers": answer.getheaders(), "body": answer.read()}
        finally:
            connection.close()


# What is compared


def is_uuid(text):
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None


def short(value):
    text = "a UUID" if value == "<uuid>" else json.dumps(condense(value), ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}... ({len(text)} characters)"


def first_difference(expected, found):
    """Of two long texts the place where they begin to differ."""
    same = len(os.path.commonprefix([expected, found]))
    if max(len(expected), len(found)) <= 200 or same < 40:
        return f"expected {short(expected)}, found {short(found)}"
    begin = same - 30
    return f"equal up to character {same}, then expected ...{short(expected[begin:])}, found ...{short(found[begin:])}"


def differences(expected, found, path):
    """Each place where an answer is not as expected, in words. `<uuid>` and `<any>` are met by what they say."""
    if expected == "<any>":
        return []
    if expected == "<uuid>":
        return [] if is_uuid(found) else [f"{path}: expected a UUID, found {short(found)}"]
    # An error instead of a success has nothing in common with it.
    if isinstance(expected, dict) and isinstance(found, dict) and (expected.keys() & found.keys() or not expected):
        told = [f"{path}.{name}: expected {short(expected[name])}, found none" for name in expected if name not in found]
        told += [f"{path}.{name}: expected none, found {short(found[name])}" for name in found if name not in expected]
        for name in expected:
            if name in found:
                told += differences(expected[name], found[name], f"{path}.{name}")
        return told
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            told for index, (one, other) in enumerate(zip(expected, found)) for told in differences(one, other, f"{path}[{index}]")
        ]
    # In Python True is 1.
    if type(expected) is type(found) and expected == found:
        return []
    if isinstance(expected, str) and isinstance(found, str):
        return [f"{path}: {first_difference(expected, found)}"]
    return [f"{path}: expected {short(expected)}, found {short(found)}"]


def body_of(answer):
    """The body as JSON, else as a text."""
    text = answer["body"].decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def code_of(answer):
    """The code of an error, without the name space and the URI that some services put round it; None where there is none."""
    body = body_of(answer)
    if not isinstance(body, dict):
        # Query services and front ends answer in XML.
        found = re.search(r"<Code>(\w+)</Code>", body) if isinstance(body, str) else None
        return found[1] if found else None
    code = body.get("__type") or body.get("code") or ""
    return str(code).split("#")[-1].split(":")[0] or None


def compare(expected, answer):
    """Where status and body of an answer differ from those of a case."""
    body, found = expected["body"] if expected.get("body") is not None else expected["body_raw"], body_of(answer)
    if expected["status"] != answer["status"]:
        return [f"expected HTTP {expected['status']} {short(body)}, found HTTP {answer['status']} {short(found)}"]
    return differences(body, found, "body")


def compare_headers(expected, answer):
    """Where a header that a case lists differs: pairs of its name and the difference."""
    headers = {name.lower(): value for name, value in answer["headers"]}
    told = []
    for name, value in expected["headers"].items():
        found = headers.get(name.lower())
        if found is None:
            told.append((name, f"expected {short(value)}, found none"))
        elif value == "<uuid>" and not is_uuid(found):
            # The value is for AWS's support alone.
            told.append((name, "expected a UUID, found another text"))
        elif differences(value, found, ""):
            told.append((name, f"expected {short(value)}, found {short(found)}"))
    return told


def judge(prepared, answer, is_aws):
    """The verdict on one case by status and body, and the differences or the reason."""
    told = compare(prepared.expected, answer)
    if not told:
        return CONFIRMED, []
    case, code = prepared.case, code_of(answer)
    is_about_authentication = case["trigger"] == "strict-auth" or case["id"] in PROVOKED
    if is_about_authentication and not is_aws and code not in OF_AUTHENTICATION:
        return NOT_SETTLED, ["this endpoint does not look at signatures, so it says nothing about EventBridge here"]
    if case["trigger"] == "known-buses" and not is_aws and answer["status"] == 200:
        return NOT_SETTLED, ["this endpoint takes every name for that of an event bus"]
    asked = prepared.headers.get("X-Amz-Target", "")
    if code == "AccessDeniedException" and asked.endswith(".DescribeEventBus"):
        return NOT_SETTLED, ["the credentials may not call events:DescribeEventBus"]
    seen = body_of(answer)
    if case["id"] == "describe_event_bus" and isinstance(seen, dict) and "Policy" in seen:
        return NOT_SETTLED, ["the event bus has a policy, and this case is about one without: name another with --event-bus"]
    if code in OF_THROTTLING or code == "ExpiredTokenException":
        return NOT_SETTLED, [f"the answer was {code}"]
    return CONTRADICTED, told


# What is told of the caller: nothing


class Redaction:
    """Replaces everything that belongs to one account, person or request."""

    UUID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])", re.I)
    RULES = [
        (re.compile(r"arn:(aws[\w-]*):(iam|sts)::\d{12}:[^\s\"'<>]+"), r"arn:\1:\2::<account>:<identity>"),
        (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,}\b"), "<access-key>"),
        (re.compile(r"\bvpce-[0-9a-z-]+"), "<vpc-endpoint>"),
        (re.compile(r"[0-9a-z-]+\.[0-9a-z-]+(?=\.endpoint\.events\.)"), "<global-endpoint>"),
        (re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])"), "<hash>"),
        (re.compile(r"(?<!\d)\d{12}(?!\d)"), "<account>"),
    ]

    def __init__(self, credentials=None, bus=None):
        secrets = [
            (getattr(credentials, "token", None), "<token>"),
            (getattr(credentials, "secret_key", None), "<secret>"),
            (getattr(credentials, "access_key", None), "<access-key>"),
            (bus, "<event-bus>"),
            ((bus or "").rpartition("/")[2], "<event-bus>"),
        ]
        bounded = r"(?<![\w./-]){}(?![\w/-])"
        self.literals = [(re.compile(bounded.format(re.escape(one))), mark) for one, mark in secrets if one and one != "default"]

    def __call__(self, value):
        if isinstance(value, str):
            for literal, mark in self.literals:
                value = literal.sub(mark, value)
            value = self.UUID.sub("<uuid>", value)
            for rule, mark in self.RULES:
                value = rule.sub(mark, value)
            return value
        if isinstance(value, list):
            return [self(item) for item in value]
        if isinstance(value, dict):
            return {self(name): self(item) for name, item in value.items()}
        return value

    def answer(self, answer):
        """An answer as it can be published."""
        headers = {}
        for sent_name, value in answer["headers"]:
            name = sent_name.lower()
            if name == "x-amzn-requestid":
                headers[name] = "<uuid>" if is_uuid(value) else "(no UUID; left out)"
            else:
                headers[name] = self(value) if name in KEPT_HEADERS else "(left out)"
        body = body_of(answer)
        return {
            "status": answer["status"],
            "headers": headers,
            "body_raw" if isinstance(body, str) else "body": condense(self(body)),
        }


# All of it


class Fact:
    """What came of one case."""

    def __init__(self, case, verdict, why, prepared=None, answer=None):
        self.case, self.verdict, self.why, self.prepared, self.answer = case, verdict, why, prepared, answer
        # Headers say nothing where the answer is another one altogether.
        is_that_answer = answer is not None and answer["status"] == prepared.expected["status"]
        self.headers = compare_headers(prepared.expected, answer) if is_that_answer and verdict != NOT_SETTLED else []

    def line(self):
        return f"{self.verdict:12} {self.case['number']:3}  {self.case['confidence']}  {self.case['title']}"

    def data(self, redact):
        told = {name: self.case[name] for name in ("number", "id", "title", "confidence")}
        told["verdict"] = self.verdict
        if self.why:
            told["differences" if self.verdict == CONTRADICTED else "reason"] = redact(
                self.why if self.verdict == CONTRADICTED else self.why[0]
            )
        if self.headers:
            told["headers"] = {name: redact(difference) for name, difference in self.headers}
        if self.prepared is not None and self.prepared.changed:
            told["changed"] = self.prepared.changed
        if self.answer is not None:
            told["answer"] = redact.answer(self.answer)
        return told


def in_words(error, sender):
    """Why there was no answer."""
    where = f"{sender.host}:{sender.port or (443 if sender.is_tls else 80)}"
    if isinstance(error, socket.gaierror):
        return f"the name {sender.host} leads nowhere: check --region, --endpoint-url and the network"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {where}: check --endpoint-url"
    if isinstance(error, (socket.timeout, TimeoutError)):
        return f"no answer from {where} within {sender.timeout} s; this script uses no proxy"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection to {where}: {error.reason or error}; AWS_CA_BUNDLE names another file of certificates"
    if isinstance(error, http.client.HTTPException):
        return f"what {where} answered is no HTTP: {type(error).__name__} {error}".rstrip()
    return f"the connection to {where} broke: {error}"


def ask(sender, prepared):
    """The answer, or the third one where the service has trouble that the case is not about."""
    for attempt in range(3):
        answer = sender.exchange(prepared)
        is_trouble = answer["status"] >= 500 or code_of(answer) in OF_THROTTLING
        if not is_trouble or not compare(prepared.expected, answer):
            break
        if attempt < 2:
            time.sleep(0.5 * 2**attempt)
    return answer


def about_the_caller(prepared, answer):
    """What is wrong with the credentials, where the service says so; else None."""
    code = code_of(answer)
    if code not in ABOUT_THE_CALLER or not prepared.is_plain():
        return None
    body = body_of(answer)
    said = (body.get("message") or body.get("Message") or "") if isinstance(body, dict) else ""
    return f"{ABOUT_THE_CALLER[code]}\nthe answer was HTTP {answer['status']} {code}: {said}"


def account_in(answer):
    """The account in the ARN of an event bus, where an answer has one."""
    body = body_of(answer)
    arn = str(body.get("Arn")) if isinstance(body, dict) else ""
    found = re.search(r":events:[\w-]+:(\d{12}):", arn)
    return found[1] if found else None


def run(cases, sender, bus, say):
    """Sends the cases. Returns the facts, and why it ended early, if it did."""
    facts, account, ended, is_first = [], None, None, True
    for case in cases:
        if ended:
            facts.append(Fact(case, NOT_SETTLED, ["the run had ended before"]))
            continue
        prepared = answer = None
        try:
            prepared = Prepared(case, bus, account, sender.region)
            answer = ask(sender, prepared)
            verdict, why = judge(prepared, answer, sender.is_aws())
            trouble = about_the_caller(prepared, answer) if verdict != CONFIRMED else None
            if trouble and is_first:
                raise CannotRun(trouble)
            if trouble and code_of(answer) == "ExpiredTokenException":
                ended = trouble
            account = account or account_in(answer)
            is_first = False
        except Skip as skip:
            verdict, why = NOT_SETTLED, [str(skip)]
        except KeyboardInterrupt:
            verdict, why, ended = NOT_SETTLED, ["it was interrupted"], "it was interrupted"
        except (OSError, http.client.HTTPException) as error:
            verdict, why = NOT_SETTLED, [in_words(error, sender)]
            if is_first:
                raise CannotRun(why[0]) from error
        facts.append(Fact(case, verdict, why, prepared, answer))
        say(facts[-1])
    return facts, ended


def numbers(facts):
    return ", ".join(str(fact.case["number"]) for fact in facts) or "none"


def counted(facts):
    """`81 confirmed, 2 contradicted, 9 not settled`"""
    return ", ".join(
        f"{sum(fact.verdict == verdict for fact in facts)} {verdict}" for verdict in (CONFIRMED, CONTRADICTED, NOT_SETTLED)
    )


def header_lines(facts):
    """What differs in the headers, once for each difference: most are the same in all answers."""
    cases = {}
    for fact in facts:
        for difference in fact.headers:
            cases.setdefault(difference, []).append(fact)
    return [f"header {name}: {told}: in {len(them)} answers ({numbers(them)})" for (name, told), them in cases.items()]


def summary(facts, about, redact):
    """What came of it, as Markdown."""
    proposals = [fact for fact in facts if fact.case["confidence"] == "D"]
    lines = [
        f"# PutEvents of {about['endpoint']}, {about['date']}",
        "",
        f"* all {len(facts)} cases: {counted(facts)}",
        f"* the {len(proposals)} open facts (D) among them: {counted(proposals)}",
    ]
    contradicted = [fact for fact in facts if fact.verdict == CONTRADICTED]
    if contradicted:
        lines += ["", "## Contradicted"]
    for fact in contradicted:
        lines += ["", f"**{fact.case['number']} {fact.case['title']}** ({fact.case['confidence']})", ""]
        lines += [f"* `{redact(told).replace('`', chr(39))}`" for told in fact.why]
    headers = header_lines(facts)
    if headers:
        lines += ["", "## Headers that differ", ""]
        lines += [f"* {redact(line)}" for line in headers]
    unsettled = [fact for fact in facts if fact.verdict == NOT_SETTLED]
    if unsettled:
        lines += ["", "## Not settled", ""]
        lines += [f"* {fact.case['number']} {fact.case['title']}: {redact(fact.why[0])}" for fact in unsettled]
    confirmed = [fact for fact in facts if fact.verdict == CONFIRMED]
    lines += ["", "## Confirmed", ""]
    lines += [f"* {letter}: {numbers([fact for fact in confirmed if fact.case['confidence'] == letter])}" for letter in "ABCD"]
    return "\n".join(lines) + "\n"


def report(facts, about, redact):
    """What was seen, as data for a pull request."""
    return {"format": 1, **about, "facts": [fact.data(redact) for fact in facts]}


def plan(cases, endpoint, region, bus):
    """What will be sent, to read before it is, line by line. The last line sums it up."""
    lines = [f"To {endpoint}, signed for {region}, event bus {bus or 'default'}:"]
    skipped, requests, events = [], 0, 0
    for case in cases:
        try:
            prepared = Prepared(case, bus, "123456789012", region)
        except Skip as skip:
            skipped.append(f"  {case['number']:3}  {case['title']}: {skip}")
            continue
        requests += 1
        events += prepared.events()
        changed = f" (changed: {', '.join(prepared.changed)})" if prepared.changed else ""
        lines.append(f"  {case['number']:3}  {case['title']}{changed}")
    if skipped:
        lines += ["These are not sent:"] + skipped
    lines.append(
        f"{requests} requests, one after the other. As far as the answers are expected ones, they publish {events} events."
    )
    return lines


def arguments_of(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", help="else that of the environment or the profile")
    parser.add_argument("--profile", help="a profile of the AWS configuration")
    parser.add_argument("--endpoint-url", metavar="URL", help="a mock or an emulator instead of EventBridge")
    parser.add_argument("--event-bus", metavar="NAME", help="the event bus of the events that are published (default: default)")
    parser.add_argument("--only", metavar="NUMBERS", help="these cases alone, such as 24,67")
    parser.add_argument(
        "--cases", metavar="FOLDER", type=Path, default=CASES, help="the folder of the cases (default: %(default)s)"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the requests and send none")
    parser.add_argument("--yes", action="store_true", help="send without a question")
    parser.add_argument(
        "--json",
        metavar="FILE",
        type=Path,
        default=Path("settled.json"),
        help="what was seen (default: %(default)s); the summary is beside it, as .md",
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=30, help="how long to wait for an answer (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    if arguments.only is not None:
        try:
            arguments.only = {int(number) for number in arguments.only.split(",")}
        except ValueError:
            parser.error(f"--only {arguments.only!r}: write numbers with commas between them, such as 24,67")
    return arguments


def endpoint_and_credentials(arguments):
    """Where the requests go, for which region, and who signs them."""
    try:
        import botocore.session
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise CannotRun("botocore is not installed: pip install botocore") from error
    try:
        session = botocore.session.Session(profile=arguments.profile)
        from_environment = os.environ.get("AWS_ENDPOINT_URL_EVENTBRIDGE") or os.environ.get("AWS_ENDPOINT_URL")
        endpoint = arguments.endpoint_url or from_environment
        region = arguments.region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
        if not region and not endpoint:
            raise CannotRun("no region is known: say --region us-east-1, or set AWS_REGION")
        region = region or "us-east-1"
        if not endpoint:
            known = session.get_component("endpoint_resolver").construct_endpoint("events", region) or {}
            endpoint = f"https://{known.get('hostname') or f'events.{region}.amazonaws.com'}"
        ca_bundle = session.get_config_variable("ca_bundle") or None
        credentials = None if arguments.dry_run else session.get_credentials()
        if credentials is None and not arguments.dry_run:
            raise CannotRun(
                "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a --profile, or `aws sso login`"
            )
        credentials = credentials and credentials.get_frozen_credentials()
    except BotoCoreError as error:
        raise CannotRun(f"the credentials or the configuration cannot be used: {error}") from error
    url = urllib.parse.urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
        raise CannotRun(f"{endpoint!r} is no endpoint: write it as https://events.us-east-1.amazonaws.com")
    return Sender(endpoint.rstrip("/"), region, credentials, arguments.timeout, ca_bundle)


def main(argv=None):
    arguments = arguments_of(argv)
    try:
        cases = read_cases(arguments.cases, arguments.only)
        sender = endpoint_and_credentials(arguments)
        lines = plan(cases, sender.endpoint, sender.region, arguments.event_bus)
        if arguments.dry_run:
            for case in cases:
                try:
                    prepared = Prepared(case, arguments.event_bus, "123456789012", sender.region)
                    print(f"# {case['number']} {case['title']}\n{prepared.text()}\n")
                except Skip as skip:
                    print(f"# {case['number']} {case['title']}\nnot sent: {skip}\n")
            print(lines[-1] + " Nothing was sent.")
            return 0
        folder = arguments.json.resolve().parent
        if not os.access(folder, os.W_OK):
            raise CannotRun(f"{folder} takes no file: say with --json where what was seen goes")
        if not arguments.yes:
            print("\n".join(lines))
            if not sys.stdin.isatty():
                raise CannotRun("nothing was sent: say --yes to send these requests without a question")
            if input("Send them? [y/N] ").strip().lower() not in ("y", "yes"):
                print("Nothing was sent.")
                return 2
        facts, ended = run(cases, sender, arguments.event_bus, print_fact)
    except CannotRun as error:
        print(f"settle: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, EOFError):
        print("\nsettle: interrupted; nothing was sent", file=sys.stderr)
        return 2
    return tell(facts, ended, sender, arguments)


def print_fact(fact):
    print(fact.line(), flush=True)
    for told in fact.why:
        print(f"{'':18}{told}", flush=True)


def tell(facts, ended, sender, arguments):
    """Writes the two files and says what they are about. Returns the exit status."""
    redact = Redaction(sender.credentials, arguments.event_bus)
    now = datetime.datetime.now(datetime.timezone.utc)
    about = {"date": now.strftime("%Y-%m-%d"), "region": sender.region, "endpoint": redact(sender.host)}
    markdown = arguments.json.with_suffix(".md")
    try:
        arguments.json.write_text(json.dumps(report(facts, about, redact), indent=1) + "\n", encoding="utf-8")
        markdown.write_text(summary(facts, about, redact), encoding="utf-8")
    except OSError as error:
        print(f"settle: {error.filename} could not be written: {error.strerror}", file=sys.stderr)
        return 2
    headers = header_lines(facts)
    print("".join(f"\n{line}" for line in headers))
    print(f"{counted(facts)}\n{arguments.json} has what was seen, and {markdown} sums it up.")
    if ended:
        print(f"settle: {ended}", file=sys.stderr)
        return 2
    return 1 if headers or any(fact.verdict == CONTRADICTED for fact in facts) else 0


if __name__ == "__main__":
    sys.exit(main())
