"""Leads AWS SDKs to the mock by environment variables. Which variables those are is known to the binary alone."""

import os
import sys
from contextlib import contextmanager
from typing import Dict, Iterator, Mapping, Optional

# The new value of each variable that changes. None removes the variable.
Changes = Mapping[str, Optional[str]]


def changed(changes: Changes) -> Dict[str, str]:
    """Returns the environment of this process with the changes."""
    removed = [name for name, value in changes.items() if value is None]
    kept = {name: value for name, value in os.environ.items() if name not in removed}
    return {**kept, **{name: value for name, value in changes.items() if value is not None}}


@contextmanager
def patched(changes: Changes) -> Iterator[None]:
    """Changes the environment of this process, and restores it."""
    before = {name: os.environ.get(name) for name in changes}
    put(changes)
    try:
        with own_default_session():
            yield
    finally:
        put(before)


def put(changes: Changes) -> None:
    """Changes the environment of this process."""
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def own_default_session() -> Iterator[None]:
    """Gives `boto3.client` a new default session, and restores the old one.

    The default session of boto3 keeps the credentials that it has found first. It would sign as an earlier test.
    """
    before = default_session(None)
    try:
        yield
    finally:
        default_session(before)


def default_session(session: object) -> object:
    """Sets the default session of boto3, if somebody has imported boto3, and returns the one before."""
    boto3 = sys.modules.get("boto3")
    before = getattr(boto3, "DEFAULT_SESSION", None)
    if boto3 is not None:
        boto3.DEFAULT_SESSION = session  # type: ignore[attr-defined]
    return before
