"""Many tests at once."""

from conftest import is_running

TWO_HUNDRED = """\
import os, pathlib
import pytest, shop
from putevents_mock.plugin import SERVER

HERE = pathlib.Path(__file__).parent

@pytest.mark.parametrize("number", range(200))
def test_orders(eventbridge, number, request):
    eventbridge.inject(entry="ThrottlingException", matching={"detail": {"/orderId": number}}, times=1)
    shop.publish([number, number + 1000])
    eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
    eventbridge.assert_meets(publishedCount=2)
    (HERE / f"server-{os.getpid()}-{request.config.stash[SERVER].pid}").touch()
"""


def test_two_hundred_tests_in_four_processes_have_one_server_each(project):
    project.write("test_orders.py", TWO_HUNDRED)
    project.pytest("-q", "-n", "4").ended(0).has("200 passed")
    pairs = [path.name.split("-")[1:] for path in project.folder.glob("server-*")]
    assert len(pairs) == len({process for process, _ in pairs}) == len({server for _, server in pairs}) == 4, pairs
    assert not [server for _, server in pairs if is_running(int(server))]
