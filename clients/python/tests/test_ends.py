"""No server is left, in whatever way pytest ends."""

import os
import signal
import sys

import pytest
from conftest import LIMIT_SECONDS, is_running, pid_in, until

WRITES_PIDS = """\
import os, pathlib, time
import shop
from putevents_mock.plugin import SERVER

HERE = pathlib.Path(__file__).parent

def note(name, pid):
    (HERE / name).write_text(f"{pid}\\n")

def test_publishes(eventbridge, request):
    shop.publish([1])
    note("server", request.config.stash[SERVER].pid)

def test_waits_if_it_shall(eventbridge):
    note("worker", os.getpid())
    while (HERE / "wait").exists():
        time.sleep(0.05)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SKIPPED: Windows has no signals")


@pytest.mark.parametrize("arguments", [[], ["-n", "1"]])
def test_the_server_ends_with_pytest(project, arguments):
    project.write("test_it.py", WRITES_PIDS)
    project.pytest("-q", *arguments).ended(0)
    server = pid_in(project.folder / "server")
    assert not is_running(server), f"{server} still runs"


@pytest.mark.parametrize("whom", ["the process", "the process group"])
def test_the_server_ends_after_ctrl_c(project, whom):
    project.write("test_it.py", WRITES_PIDS)
    project.write("wait", "")
    process = project.started(*project.pytest_command("-q"))
    until(lambda: pid_in(project.folder / "worker"), "no test was reached")
    (os.kill if whom == "the process" else os.killpg)(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 2, printed
    assert "KeyboardInterrupt" in printed and "does not reply" not in printed and "1 passed" in printed, printed
    assert not is_running(pid_in(project.folder / "server"))


def test_the_server_of_a_process_of_xdist_ends_after_ctrl_c(project):
    project.write("test_it.py", WRITES_PIDS)
    project.write("wait", "")
    process = project.started(*project.pytest_command("-q", "-n", "1"))
    until(lambda: pid_in(project.folder / "worker"), "no test was reached")
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 2, printed
    server = pid_in(project.folder / "server")
    until(lambda: not is_running(server), f"the server {server} did not end: {printed}")


def test_the_server_ends_after_a_sigkill_of_pytest(project):
    project.write("test_it.py", WRITES_PIDS)
    project.write("wait", "")
    process = project.started(*project.pytest_command("-q"))
    until(lambda: pid_in(project.folder / "worker"), "no test was reached")
    server = pid_in(project.folder / "server")
    assert is_running(server)
    process.kill()
    process.communicate(timeout=LIMIT_SECONDS)
    until(lambda: not is_running(server), f"the server {server} did not end")


def test_the_server_ends_after_a_sigkill_of_a_process_of_xdist(project):
    project.write("test_it.py", WRITES_PIDS)
    project.write("wait", "")
    process = project.started(*project.pytest_command("-q", "-n", "1", "--max-worker-restart", "0"))
    until(lambda: pid_in(project.folder / "worker"), "no test was reached")
    server = pid_in(project.folder / "server")
    assert is_running(server)
    (project.folder / "wait").unlink()
    os.kill(pid_in(project.folder / "worker"), signal.SIGKILL)
    printed, _ = process.communicate(timeout=LIMIT_SECONDS)
    until(lambda: not is_running(server), f"the server {server} did not end: {printed}")


def test_a_fork_that_outlives_pytest_keeps_no_server(project):
    project.write("test_it.py", WRITES_PIDS)
    project.write(
        "test_next.py",
        """
            import os, pathlib, signal, time
            HERE = pathlib.Path(__file__).parent

            def test_forks(eventbridge):
                child = os.fork()
                if child == 0:
                    (HERE / 'fork').write_text(f'{os.getpid()}\\n')
                    time.sleep(60)
                    os._exit(0)
                while not (HERE / 'fork').exists():
                    time.sleep(0.02)
                os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    # The fork holds the output of pytest open, so nobody reads that to its end.
    process = project.started(*project.pytest_command("-q"))
    until(lambda: pid_in(project.folder / "fork"), "no test was reached")
    fork = pid_in(project.folder / "fork")
    try:
        process.wait(timeout=LIMIT_SECONDS)
        server = pid_in(project.folder / "server")
        until(lambda: not is_running(server), f"the server {server} did not end")
        assert is_running(fork)
    finally:
        os.kill(fork, signal.SIGKILL)
        process.stdout.close()
