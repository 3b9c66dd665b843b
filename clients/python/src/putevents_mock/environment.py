"""Leads AWS SDKs to the mock by environment variables. Which variables those are is known to the binary alone."""

import os
import sys
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Mapping, Optional

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
    """Gives `boto3.client` a new default session, if somebody has imported boto3, and restores the old one.

    The default session of boto3 keeps the credentials that it has found first. It would sign as an earlier test.
    """
    boto3: Any = sys.modules.get("boto3")
    before = boto3 and boto3.DEFAULT_SESSION
    if boto3:
        boto3.DEFAULT_SESSION = new_session(boto3)
    try:
        yield
    finally:
        # The test may be the first that has imported it.
        boto3 = sys.modules.get("boto3")
        if boto3:
            boto3.DEFAULT_SESSION = before


# What the sessions of this process have read of the models of services. Reading them takes most of the time of a first client.
_loaders: List[Any] = []


def new_session(boto3: Any) -> Any:
    """Returns a new session of boto3 that does not read again the models that an earlier one has read."""
    session = sys.modules["botocore.session"].get_session()
    if not _loaders:
        _loaders.append(session.get_component("data_loader"))
    (loader,) = _loaders
    session.register_component("data_loader", loader)
    # Each session of boto3 adds its own models to the paths of its loader.
    made = boto3.Session(botocore_session=session)
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)
    return made
