"""A mock of Amazon EventBridge PutEvents that makes the bugs of event publishers fail a test.

With pytest, use the fixture `eventbridge`. Without it:

    with putevents_mock.start() as eventbridge:
        events = boto3.client("events", **eventbridge.client_config())
        publish_orders(events, [1, 2, 3])
        eventbridge.assert_meets(exactlyOnce=True, identifyBy="/orderId")

`putevents_mock.plan` has the types of faults, expectations and plans.
"""

from .errors import MissingBinaryError, ServerError, UsageError
from .publisher_check import publisher_check
from .session import EventBridge
from .standalone import start

__all__ = ["EventBridge", "MissingBinaryError", "ServerError", "UsageError", "publisher_check", "start"]
