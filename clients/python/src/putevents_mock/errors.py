"""The errors of the package. A publisher that does not do what is expected is an AssertionError."""


class UsageError(ValueError):
    """A fault, an expectation, a plan or an argument cannot be used. The message says what to write instead."""

    __module__ = "putevents_mock"


class ServerError(RuntimeError):
    """The mock could not be started, does not reply, or cannot reply now."""

    __module__ = "putevents_mock"


class MissingBinaryError(ServerError):
    """There is no binary for this platform. The message says how to get one."""

    __module__ = "putevents_mock"
