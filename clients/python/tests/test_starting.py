"""How a server is found or started, in pytest and without it, and what is said where that fails."""

import contextlib
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest
from conftest import clean_environment

import putevents_mock
from putevents_mock import binary

TWO_TESTS = """\
import shop

def test_one(eventbridge):
    shop.publish([1])
    eventbridge.assert_meets(publishedCount=1)

def test_two(eventbridge):
    shop.publish([2])
    eventbridge.assert_meets(publishedCount=1)

def test_other():
    pass
"""


@contextlib.contextmanager
def server(*arguments):
    command = [str(binary.find()), "serve", "--until-stdin-ends", "--listen", "127.0.0.1:0", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean_environment()
    ) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.stdin.close()


def asked(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url) as answer:
        return json.load(answer)


def test_the_server_at_the_url_of_the_environment_is_used_and_none_is_started(project):
    project.write("test_it.py", TWO_TESTS + "\ndef test_url(eventbridge):\n    print('at', eventbridge.url)\n")
    with server() as url:
        project.environment["PUTEVENTS_MOCK_URL"] = url + "/"
        project.pytest("-q", "-s").ended(0).has("4 passed", f"at {url}\n")
        assert [session["name"] for session in asked(f"{url}/_mock/sessions")["sessions"]] == [None]


def test_the_server_of_run_needs_no_binary_of_the_package(project):
    project.write("test_it.py", TWO_TESTS)
    run = [str(binary.find()), "run", "--", *project.pytest_command("-q")]
    project.run(*run).ended(0).has("3 passed")
    program = "import sys, pytest\nfrom putevents_mock import binary\nbinary.BUNDLED = binary.BUNDLED.with_name('none')\n"
    project.write("without.py", program + "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))\n")
    project.run(*run[:3], sys.executable, "without.py").ended(0).has("3 passed")


@pytest.mark.parametrize("url", ["127.0.0.1:4010", "https://127.0.0.1:4010", "http://127.0.0.1:port"])
def test_a_url_that_is_none_of_http_is_told_how_to_be_written(monkeypatch, url):
    monkeypatch.setenv("PUTEVENTS_MOCK_URL", url)
    with pytest.raises(putevents_mock.ServerError) as caught:
        putevents_mock.start()
    assert str(caught.value) == f"PUTEVENTS_MOCK_URL is {url}: write a URL such as http://127.0.0.1:4010"


def test_a_url_at_which_nothing_is_listening_is_said_once(project):
    project.write("test_it.py", TWO_TESTS)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    project.environment["PUTEVENTS_MOCK_URL"] = url
    ran = project.pytest("-q").ended(1)
    ran.has(f"\nthe mock at {url} does not reply: ", "Connection refused")
    ran.has_not("Traceback", "During handling")


def test_the_console_script_is_the_binary(project):
    script = os.path.join(os.path.dirname(sys.executable), "putevents-mock")
    ran = project.run(script, "--version").ended(0)
    assert re.fullmatch(r"putevents-mock \d+\.\d+\.\d+.*\n", ran.printed), ran.printed
    project.run(script, "check", "no-such-plan.json").ended(2)
    project.write("test_it.py", TWO_TESTS)
    project.run(script, "run", "--", *project.pytest_command("-q")).ended(0).has("3 passed")
    project.python("-m", "putevents_mock", "--version").ended(0).has(ran.printed)


SENTENCE = (
    "PUTEVENTS_MOCK_BINARY is /nowhere/putevents-mock, and there is no such file: set it to the path of the binary putevents-mock"
)


def test_a_named_binary_that_is_missing_is_said_in_one_sentence_once(project):
    project.write("test_it.py", TWO_TESTS)
    project.environment["PUTEVENTS_MOCK_BINARY"] = "/nowhere/putevents-mock"
    ran = project.pytest("-q").ended(1)
    ran.has(f"\n{SENTENCE}\n", "1 passed, 1 skipped, 1 error")
    assert ran.printed.count(SENTENCE) == 1, ran.printed
    ran.has_not("Traceback", "During handling", "putevents_mock/binary.py")
    script = os.path.join(os.path.dirname(sys.executable), "putevents-mock")
    assert project.run(script, "serve").ended(2).printed == f"putevents-mock: {SENTENCE}\n"


def test_a_platform_without_a_binary_is_told_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr(binary, "BUNDLED", tmp_path / "putevents-mock")
    monkeypatch.delenv("PUTEVENTS_MOCK_BINARY", raising=False)
    monkeypatch.delenv("PUTEVENTS_MOCK_URL", raising=False)
    with pytest.raises(putevents_mock.MissingBinaryError) as caught:
        putevents_mock.start()
    told = r"the package putevents-mock has no binary for [\w.-]+: run `cargo install putevents-mock --features cli`, then set "
    assert re.match(told + "PUTEVENTS_MOCK_BINARY to the path of the installed binary$", str(caught.value))
    assert caught.value.__context__ is None


def test_a_binary_of_your_own_is_used(project):
    project.write("test_it.py", TWO_TESTS)
    link = project.folder / "my-own-mock"
    link.symlink_to(binary.find())
    project.environment["PUTEVENTS_MOCK_BINARY"] = str(link)
    project.pytest("-q").ended(0).has("3 passed")


def test_a_file_that_is_no_program_is_said(project):
    project.write("test_it.py", TWO_TESTS)
    path = project.write("no-program", "text")
    project.environment["PUTEVENTS_MOCK_BINARY"] = str(path)
    ran = project.pytest("-q").ended(1)
    ran.has(f"\ncannot start {path}: Permission denied\n")
    ran.has_not("Traceback", "During handling")


def test_a_port_that_is_taken_is_told_in_the_words_of_the_server(project):
    project.write("test_it.py", TWO_TESTS)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        project.environment["PUTEVENTS_MOCK_LISTEN"] = address
        ran = project.pytest("-q").ended(1)
    ran.has(f"\nputevents-mock: cannot listen on {address}: Address already in use", "1 passed, 1 skipped, 1 error")
    ran.has_not("Traceback", "During handling")


def test_proxies_of_the_environment_are_not_asked(project):
    project.write("test_it.py", TWO_TESTS)
    nowhere = "http://127.0.0.1:9"
    project.environment.update({name: nowhere for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")})
    project.pytest("-q").ended(0).has("3 passed")


def test_the_environment_of_a_test_leads_nowhere_else(project):
    project.write("test_it.py", TWO_TESTS)
    astray = {
        "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://127.0.0.1:9",
        "AWS_PROFILE": "none",
        "AWS_SESSION_TOKEN": "real",
        "AWS_USE_FIPS_ENDPOINT": "true",
    }
    project.environment.update(astray)
    project.pytest("-q").ended(0).has("3 passed")


def test_the_environment_and_the_default_session_of_boto3_are_restored(project):
    project.write(
        "test_it.py",
        """
            import os

            BEFORE = dict(os.environ)

            def test_one(eventbridge):
                import boto3
                boto3.client('events').list_rules

            def test_after():
                import boto3
                changed = {name for name in BEFORE if os.environ.get(name) != BEFORE[name]}
                assert not (changed | (os.environ.keys() - BEFORE.keys())) - {'PYTEST_CURRENT_TEST'}
                assert boto3.DEFAULT_SESSION is None
        """,
    )
    project.environment["AWS_PROFILE"] = "mine"
    project.pytest("-q").ended(0).has("2 passed")


def test_logs_of_the_server_are_not_among_the_output(project):
    project.environment["RUST_LOG"] = "trace"
    project.write("test_it.py", TWO_TESTS)
    project.pytest("-q", "-s").ended(0).has_not("INFO", "TRACE", "listening")


def test_many_logs_stop_no_server(project):
    project.environment["RUST_LOG"] = "trace"
    project.write(
        "test_it.py",
        """
            def test_many(eventbridge):
                for _ in range(400):
                    eventbridge.inject(entry='InternalFailure', times=1)
                    eventbridge.report()
        """,
    )
    project.pytest("-q").ended(0).has("1 passed")


def test_without_pytest_a_mock_is_started_for_a_block(project):
    project.write(
        "alone.py",
        """
            import os, sys
            import boto3, putevents_mock, shop

            BEFORE = dict(os.environ)
            with putevents_mock.start() as eventbridge:
                assert dict(os.environ) == BEFORE
                shop.publish([1], boto3.client('events', **eventbridge.client_config()))
                eventbridge.assert_meets(publishedCount=1)
            SESSION = boto3.DEFAULT_SESSION
            with putevents_mock.start(patch_environ=True, limits='before-2026') as eventbridge:
                shop.publish([1, 2])
                eventbridge.assert_meets(publishedCount=2)
            assert dict(os.environ) == BEFORE and boto3.DEFAULT_SESSION is SESSION and 'pytest' not in sys.modules
            try:
                putevents_mock.start(limit='none')
            except putevents_mock.UsageError as error:
                print(error)
            assert dict(os.environ) == BEFORE
        """,
    )
    project.python("-W", "error::ResourceWarning", "alone.py").ended(0).has('"limit" is not known here: did you mean "limits"?')


def test_unittest_shows_the_line_of_the_test_and_the_report_alone(project):
    project.write(
        "test_it.py",
        """
            import unittest
            import putevents_mock

            class Orders(unittest.TestCase):
                def test_publishes(self):
                    eventbridge = putevents_mock.start(patch_environ=True)
                    self.addCleanup(eventbridge.close)
                    eventbridge.assert_meets(publishedCount=1)
        """,
    )
    ran = project.python("-m", "unittest").ended(1)
    ran.has(
        "in test_publishes\n    eventbridge.assert_meets(publishedCount=1)\n",
        "\nAssertionError: 0 events were published, but 1 was expected\n",
    )
    ran.has_not("putevents_mock/", "During handling")


class Busy(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):
        self.send_response(503)
        self.end_headers()
        self.wfile.write(b"no JSON at all")

    def log_message(self, *_):
        pass


def test_a_server_that_is_no_mock_is_quoted(monkeypatch):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as other:
        threading.Thread(target=other.serve_forever).start()
        url = f"http://127.0.0.1:{other.server_port}"
        monkeypatch.setenv("PUTEVENTS_MOCK_URL", url)
        try:
            with pytest.raises(putevents_mock.ServerError, match=f"^the mock at {url} replied with HTTP 503: no JSON at all$"):
                putevents_mock.start()
        finally:
            other.shutdown()
