"""Tests of settle.py: what it sends, compares and leaves out, and, where PUTEVENTS_MOCK names the binary, a run against the mock.

PUTEVENTS_MOCK=target/debug/putevents-mock python3 tools/test_settle.py
"""

import contextlib
import http.server
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import settle  # noqa: E402

ID = "11710aed-b79e-4468-a20b-bb3c0c3b4860"
JSON_1_1 = "application/x-amz-json-1.1"


def case(number):
    return settle.read_cases(settle.CASES, {number})[0]


def answer(status, body, **headers):
    return {
        "status": status,
        "headers": [("x-amzn-RequestId", ID), ("Content-Type", JSON_1_1), *headers.items()],
        "body": body.encode() if isinstance(body, str) else json.dumps(body).encode(),
    }


def sent(number, **options):
    """The entries that a case sends."""
    return json.loads(settle.Prepared(case(number), **options).body)["Entries"]


class WhatIsSent(unittest.TestCase):
    def test_every_entry_that_may_be_accepted_has_a_source_of_ours(self):
        for one in settle.read_cases(settle.CASES):
            with contextlib.suppress(settle.Skip):
                prepared = settle.Prepared(one, account="123456789012")
                # A case without a body, or whose body is no text, or compressed.
                body = prepared.body.decode("latin-1")
                sources = re.findall(r'"Source": ?"([^"]*)"', body)
                self.assertTrue(all(source.startswith(("putevents-mock.settle", "aws.")) for source in sources), one["id"])
                if prepared.events():
                    refused = [source for source in sources if source.startswith("aws.")]
                    self.assertEqual(refused, [], one["id"])

    def test_no_case_names_a_bus_of_somebody_elses(self):
        for one in settle.read_cases(settle.CASES):
            with contextlib.suppress(settle.Skip):
                body = settle.Prepared(one, bus="ours", account="123456789012").body.decode("latin-1")
                for bus in re.findall(r'"EventBusName": ?"([^"]*)"', body):
                    self.assertIn(bus[:40], ("ours", settle.NO_SUCH_BUS, "my bus", "x" * 40), one["id"])

    def test_the_event_bus_goes_into_every_entry_and_into_the_text_that_repeats_it(self):
        prepared = settle.Prepared(case(27), bus="mine")
        self.assertEqual({entry["EventBusName"] for entry in json.loads(prepared.body)["Entries"]}, {"mine"})
        message = prepared.expected["body"]["message"]
        self.assertEqual(message.count("source=putevents-mock.settle, "), 11)
        self.assertEqual(message.count("eventBusName=mine, "), 11)
        self.assertEqual(sent(98, bus="mine")[0]["EventBusName"], "mine")

    def test_a_size_stays_what_it_is_under_another_source(self):
        for number, size in [(30, 1_048_577), (31, 1_048_576), (78, 1_048_576)]:
            (entry,) = sent(number)
            self.assertEqual(sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail")), size)

    def test_the_question_about_a_bus_is_about_one_of_the_caller(self):
        self.assertEqual(json.loads(settle.Prepared(case(60)).body), {"Name": "default"})
        asked = settle.Prepared(case(99), account="210987654321", region="cn-north-1")
        arn = "arn:aws-cn:events:cn-north-1:210987654321:event-bus/putevents-mock-no-such-bus"
        self.assertEqual(json.loads(asked.body), {"Name": arn})
        with self.assertRaisesRegex(settle.Skip, "the account is not known"):
            settle.Prepared(case(99))

    def test_what_no_request_provokes_is_not_sent_and_says_why(self):
        for number, why in [(8, "global endpoint"), (25, "inside the service"), (53, "has expired"), (55, "may not call")]:
            with self.assertRaisesRegex(settle.Skip, why):
                settle.Prepared(case(number))

    def test_only_cases_that_are_signed_get_a_signature(self):
        signed = {one["id"] for one in settle.read_cases(settle.CASES) if "AWS4-HMAC" in str(one["request"]["headers"])}
        for one in settle.read_cases(settle.CASES):
            with contextlib.suppress(settle.Skip):
                prepared = settle.Prepared(one, account="123456789012")
                self.assertEqual(prepared.is_signed, one["id"] in signed)
                self.assertNotIn("0" * 64, str(prepared.headers))


class WhatIsCompared(unittest.TestCase):
    def verdict(self, number, seen, is_aws=True):
        return settle.judge(settle.Prepared(case(number)), seen, is_aws)

    def test_an_answer_of_the_case_confirms_it(self):
        good = {"FailedEntryCount": 0, "Entries": [{"EventId": ID}]}
        self.assertEqual(self.verdict(4, answer(200, good)), (settle.CONFIRMED, []))
        self.assertEqual(self.verdict(47, answer(404, "<UnknownOperationException/>\n")), (settle.CONFIRMED, []))
        long_text = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InvalidArgument", "ErrorMessage": "whatever"}]}
        self.assertEqual(self.verdict(24, answer(200, long_text)), (settle.CONFIRMED, []))

    def test_each_difference_is_told_with_its_place(self):
        for number, seen, told in [
            (
                4,
                answer(200, {"FailedEntryCount": 0, "Entries": [{"EventId": "7"}]}),
                'body.Entries[0].EventId: expected a UUID, found "7"',
            ),
            (4, answer(200, {"Entries": [{"EventId": ID}]}), "body.FailedEntryCount: expected 0, found none"),
            (
                4,
                answer(200, {"FailedEntryCount": False, "Entries": [{"EventId": ID}]}),
                "body.FailedEntryCount: expected 0, found false",
            ),
            (4, answer(200, {"FailedEntryCount": 0, "Entries": [{"EventId": ID}], "New": 1}), "body.New: expected none, found 1"),
            (
                4,
                answer(503, ""),
                'expected HTTP 200 {"FailedEntryCount": 0, "Entries": [{"EventId": "<uuid>"}]}, found HTTP 503 ""',
            ),
            (36, answer(400, {"__type": "SerializationException", "message": "no"}), 'body.message: expected none, found "no"'),
        ]:
            self.assertEqual(self.verdict(number, seen), (settle.CONTRADICTED, [told]))

    def test_of_long_texts_the_place_where_they_part_is_told(self):
        expected = settle.Prepared(case(27)).expected["body"]
        seen = {**expected, "message": expected["message"].replace("internalMetadata=null", "newMember=null", 1)}
        _, (told,) = self.verdict(27, answer(400, seen))
        self.assertRegex(
            told, r"^body\.message: equal up to character \d+, then expected \.\.\..*internalMetadata=.*found \.\.\..*newMember="
        )

    def test_headers_are_told_once_for_all_answers_and_without_the_request_id(self):
        facts = []
        for number in (1, 4):
            prepared = settle.Prepared(case(number))
            results = {"FailedEntryCount": 0, "Entries": [{"EventId": ID}] * prepared.events()}
            seen = {
                "status": 200,
                "headers": [("x-amzn-requestid", "REQ-1"), ("content-type", "text/html")],
                "body": json.dumps(results).encode(),
            }
            facts.append(settle.Fact(prepared.case, *settle.judge(prepared, seen, True), prepared, seen))
        self.assertEqual([fact.verdict for fact in facts], [settle.CONFIRMED] * 2)
        self.assertEqual(
            settle.header_lines(facts),
            [
                f'header Content-Type: expected "{JSON_1_1}", found "text/html": in 2 answers (1, 4)',
                "header x-amzn-RequestId: expected a UUID, found another text: in 2 answers (1, 4)",
            ],
        )

    def test_an_endpoint_that_looks_at_no_signature_settles_nothing_about_them_but_aws_would(self):
        good = answer(200, {"FailedEntryCount": 0, "Entries": [{"EventId": ID}]})
        for number in (50, 54):
            self.assertEqual(self.verdict(number, good, is_aws=False)[0], settle.NOT_SETTLED)
            self.assertEqual(self.verdict(number, good, is_aws=True)[0], settle.CONTRADICTED)
        other = answer(400, {"__type": "IncompleteSignature", "message": "x"})
        self.assertEqual(self.verdict(50, other, is_aws=False)[0], settle.CONTRADICTED)

    def test_a_bus_with_a_policy_does_not_settle_what_one_without_looks_like(self):
        arn = "arn:aws:events:eu-west-1:210987654321:event-bus/default"
        seen = {"Arn": arn, "Name": "default", "CreationTime": 1.5, "LastModifiedTime": 2.5}
        self.assertEqual(self.verdict(60, answer(200, seen)), (settle.CONFIRMED, []))
        self.assertEqual(settle.account_in(answer(200, seen)), "210987654321")
        self.assertEqual(self.verdict(60, answer(200, {**seen, "Policy": "{}"}))[0], settle.NOT_SETTLED)
        self.assertEqual(self.verdict(60, answer(200, {**seen, "Description": "x"}))[0], settle.CONTRADICTED)

    def test_throttling_settles_nothing(self):
        throttled = answer(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
        self.assertEqual(self.verdict(4, throttled), (settle.NOT_SETTLED, ["the answer was ThrottlingException"]))

    def test_repetitions_are_written_out_and_back(self):
        self.assertEqual(
            settle.expand({"a": ["<x*3>y<ab*2>"], "b": "<uuid> <any> <B/>"}), {"a": ["xxxyabab"], "b": "<uuid> <any> <B/>"}
        )
        text = "before " + "x" * 64 + " after"
        self.assertEqual(settle.condense([text]), ["before <x*64> after"])
        self.assertEqual(settle.expand(settle.condense(text)), text)


class Credentials:
    access_key, secret_key, token = "ASIAQQQQQQQQQQQQQQQQ", "sEcReT/key+", "IQoJb3JpZ2luX2VjE=="


class WhatIsLeftOut(unittest.TestCase):
    redact = settle.Redaction(Credentials, "arn:aws:events:eu-west-1:210987654321:event-bus/orders-of-acme")

    def test_nothing_of_an_account_stays(self):
        for text, left in [
            ("for account 210987654321.", "for account <account>."),
            ("1562803200 and 1767323045678 are times", "1562803200 and 1767323045678 are times"),
            (
                "User: arn:aws:sts::210987654321:assumed-role/Admin/jane@acme.example is not authorized",
                "User: arn:aws:sts::<account>:<identity> is not authorized",
            ),
            ("arn:aws:events:eu-west-1:210987654321:event-bus/other", "arn:aws:events:eu-west-1:<account>:event-bus/other"),
            ("event bus orders-of-acme, not orders-of-acme-2", "event bus <event-bus>, not orders-of-acme-2"),
            ("Credential=ASIAQQQQQQQQQQQQQQQQ/20261130/", "Credential=<access-key>/20261130/"),
            ("AKIAZZZZZZZZZZZZZZZZ", "<access-key>"),
            ("x-amz-security-token:IQoJb3JpZ2luX2VjE==\n", "x-amz-security-token:<token>\n"),
            ("sEcReT/key+", "<secret>"),
            ("Signature=" + "0a" * 32, "Signature=<hash>"),
            (f"EventId {ID.upper()}", "EventId <uuid>"),
            ("vpce-0a1b2c-3d4e.events.eu-west-1.vpce.amazonaws.com", "<vpc-endpoint>.events.eu-west-1.vpce.amazonaws.com"),
            ("abcde.veo.endpoint.events.amazonaws.com", "<global-endpoint>.endpoint.events.amazonaws.com"),
        ]:
            self.assertEqual(self.redact(text), left)

    def test_an_answer_keeps_what_matters_and_only_that(self):
        seen = answer(
            400, {"__type": "X", "message": "210987654321 " + "y" * 100}, Server="inside-7", Date="Mon, 30 Nov 2026 06:15:22 GMT"
        )
        self.assertEqual(
            self.redact.answer(seen),
            {
                "status": 400,
                "headers": {"x-amzn-requestid": "<uuid>", "content-type": JSON_1_1, "server": "(left out)", "date": "(left out)"},
                "body": {"__type": "X", "message": "<account> <y*100>"},
            },
        )
        self.assertEqual(self.redact.answer(answer(404, "<X/>\n"))["body_raw"], "<X/>\n")


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers every request with the next answer of its server."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("x-amzn-RequestId", ID)
        self.send_header("Content-Type", JSON_1_1)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def scripted(*answers):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    server.answers = list(answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


KEYS = {"AWS_ACCESS_KEY_ID": Credentials.access_key, "AWS_SECRET_ACCESS_KEY": Credentials.secret_key}
ALONE = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}
GOOD = (200, {"FailedEntryCount": 0, "Entries": [{"EventId": ID}, {"EventId": ID}]})


def refusal(code, message):
    return (400, {"__type": code, "message": message})


def settled(*arguments, environment=KEYS):
    """Runs the script in this process. Returns its status, what it printed, and what it wrote, if it did."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seen.json"
        printed = io.StringIO()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with mock.patch.dict(os.environ, {**inherited, **ALONE, **environment}, clear=True):
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                status = settle.main(["--json", str(file), *arguments])
        texts = [path.read_text() if path.exists() else None for path in (file, file.with_suffix(".md"))]
        return status, printed.getvalue(), texts


class WhatItSaysWhereItCannotRun(unittest.TestCase):
    def assert_says(self, words, *arguments, status=2, **options):
        found, printed, (seen, _) = settled(*arguments, **options)
        self.assertEqual((found, seen), (status, None), printed)
        self.assertIn(words, printed)
        self.assertNotIn("Traceback", printed)

    def test_it_says_what_is_missing(self):
        self.assert_says("no credentials were found: set AWS_ACCESS_KEY_ID", "--region", "us-east-1", "--yes", environment={})
        self.assert_says("no region is known: say --region us-east-1", "--yes")
        self.assert_says("there is no case 5 in", "--only", "5", "--region", "us-east-1")
        self.assert_says("is no endpoint: write it as https://events", "--endpoint-url", "localhost:4010", "--yes")
        self.assert_says("the credentials or the configuration cannot be used", "--profile", "nobody", "--yes")

    def test_it_says_how_botocore_is_installed(self):
        with mock.patch.dict(sys.modules, {"botocore": None, "botocore.session": None}):
            self.assert_says("botocore is not installed: pip install botocore", "--region", "us-east-1", "--yes")

    def test_it_says_that_nothing_answers(self):
        with scripted(GOOD) as url:
            pass
        self.assert_says("nothing listens at 127.0.0.1:", "--endpoint-url", url, "--yes")
        self.assert_says("leads nowhere: check --region", "--endpoint-url", "http://no-such-host.invalid", "--yes")

    def test_it_says_what_is_wrong_with_the_credentials(self):
        for code, words in [
            ("ExpiredTokenException", "the session token has expired: get new credentials"),
            ("UnrecognizedClientException", "the service does not know this access key"),
            ("InvalidSignatureException", "check the secret access key and the clock"),
            ("AccessDeniedException", "the identity needs the permission events:PutEvents"),
        ]:
            with scripted(refusal(code, "said so")) as url:
                self.assert_says(words, "--endpoint-url", url, "--yes")
                self.assert_says(f"the answer was HTTP 400 {code}: said so", "--endpoint-url", url, "--yes")

    def test_without_a_yes_nothing_is_sent(self):
        with scripted(GOOD) as url, mock.patch("sys.stdin", io.StringIO("")):
            self.assert_says("nothing was sent: say --yes", "--endpoint-url", url)

    def test_it_asks_and_takes_no_for_an_answer(self):
        terminal = mock.Mock(**{"isatty.return_value": True})
        with scripted(GOOD) as url, mock.patch("sys.stdin", terminal), mock.patch("builtins.input", return_value="n") as asked:
            self.assert_says("requests, one after the other", "--endpoint-url", url)
        asked.assert_called_once_with("Send them? [y/N] ")

    def test_a_dry_run_needs_no_credentials_and_sends_nothing(self):
        with scripted(GOOD) as url:
            pass
        status, printed, _ = settled("--endpoint-url", url, "--dry-run", environment={})
        self.assertEqual(status, 0)
        self.assertIn("# 37 Empty body\nPOST /\n", printed)
        self.assertIn("not sent: it needs a session token that has expired", printed)
        self.assertIn("Nothing was sent.", printed)

    def test_a_token_that_expires_on_the_way_ends_the_run_and_keeps_what_was_seen(self):
        with scripted(GOOD, refusal("ExpiredTokenException", "gone")) as url:
            status, printed, (seen, _) = settled("--endpoint-url", url, "--yes", "--only", "1,2,3")
        self.assertEqual(status, 2)
        self.assertIn("the session token has expired", printed)
        verdicts = [fact["verdict"] for fact in json.loads(seen)["facts"]]
        self.assertEqual(verdicts, [settle.CONFIRMED, settle.NOT_SETTLED, settle.NOT_SETTLED])


class WhatItWrites(unittest.TestCase):
    def test_a_contradiction_is_status_1_and_stands_in_both_files_without_the_account(self):
        surprise = refusal("NewException", "account 210987654321 of arn:aws:iam::210987654321:user/jane")
        with scripted(GOOD, surprise) as url:
            status, printed, (seen, sums_up) = settled("--endpoint-url", url, "--yes", "--only", "1,24")
        self.assertEqual(status, 1, printed)
        self.assertIn("1 confirmed, 1 contradicted, 0 not settled", printed)
        second = json.loads(seen)["facts"][1]
        self.assertEqual((second["verdict"], second["id"], second["confidence"]), ("contradicted", "detail_type_129", "D"))
        message = "account <account> of arn:aws:iam::<account>:<identity>"
        self.assertEqual(second["answer"]["body"], {"__type": "NewException", "message": message})
        self.assertIn("## Contradicted\n\n**24 DetailType longer than 128 characters** (D)\n\n* `expected HTTP 200", sums_up)
        for text in (seen, sums_up):
            self.assertNotIn("210987654321", text)
            self.assertNotIn(Credentials.access_key, text)


@unittest.skipUnless(os.environ.get("PUTEVENTS_MOCK"), "PUTEVENTS_MOCK does not name the binary")
class AgainstTheMock(unittest.TestCase):
    def run_against(self, serve=(), arguments=()):
        command = [os.environ["PUTEVENTS_MOCK"], "serve", "--listen", "127.0.0.1:0", *serve]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            try:
                url = server.stdout.readline().split()[-1]
                status, printed, (seen, _) = settled("--endpoint-url", url, "--yes", *arguments)
            finally:
                server.terminate()
        facts = json.loads(seen)["facts"]
        return status, printed, {fact["number"]: fact["verdict"] for fact in facts}

    def not_settled(self, verdicts):
        return [number for number, verdict in verdicts.items() if verdict == settle.NOT_SETTLED]

    def test_a_strict_mock_confirms_every_case_that_a_request_provokes(self):
        status, printed, verdicts = self.run_against(["--strict-auth", "--known-bus", "default"])
        self.assertEqual(status, 0, printed)
        # 52 and 54 need a service that knows keys.
        self.assertEqual(self.not_settled(verdicts), [8, 25, 26, 33, 52, 53, 54, 55, 56, 57, 58, 59])
        self.assertEqual(len(verdicts), len(list(settle.CASES.glob("[0-9]*.json"))))

    def test_a_mock_that_takes_any_signature_settles_nothing_about_them(self):
        status, printed, verdicts = self.run_against(arguments=["--only", "1,50,51,95,97,99"])
        self.assertEqual(status, 0, printed)
        self.assertEqual(self.not_settled(verdicts), [50, 51, 95, 97, 99])

    def test_the_cases_hold_for_another_event_bus(self):
        status, printed, verdicts = self.run_against(["--strict-auth", "--known-bus", "mine"], ["--event-bus", "mine"])
        self.assertEqual(status, 0, printed)
        self.assertEqual(verdicts[27], settle.CONFIRMED)
        self.assertIn(66, self.not_settled(verdicts))

    def test_a_mock_with_other_limits_is_contradicted(self):
        status, printed, verdicts = self.run_against(["--limits", "before-2026"], ["--only", "30,31"])
        self.assertEqual((status, verdicts), (1, {30: settle.CONFIRMED, 31: settle.CONTRADICTED}), printed)


if __name__ == "__main__":
    unittest.main()
