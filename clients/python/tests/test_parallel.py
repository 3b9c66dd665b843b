"""Many tests at once."""

TWO_HUNDRED = """\
import os, pathlib
import pytest, shop

HERE = pathlib.Path(__file__).parent

@pytest.mark.parametrize("number", range(200))
def test_orders(eventbridge, number):
    eventbridge.inject(entry="ThrottlingException", matching={"detail": {"/orderId": number}}, times=1)
    shop.publish([number, number + 1000])
    eventbridge.assert_meets(everyFaultFired=True, exactlyOnce=True, identifyBy="/orderId")
    eventbridge.assert_meets(publishedCount=2)
    (HERE / f"server-{os.getpid()}-{eventbridge.url.rpartition(':')[2]}").touch()
"""


def test_two_hundred_tests_in_four_processes_have_one_server_each(project):
    project.write("test_orders.py", TWO_HUNDRED)
    project.pytest("-q", "-n", "4").ended(0).has("200 passed")
    servers = [path.name.split("-") for path in project.folder.glob("server-*")]
    assert len(servers) == 4 and len({process for _, process, _ in servers}) == 4 and len({port for _, _, port in servers}) == 4
