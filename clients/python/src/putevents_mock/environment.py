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
        with undisturbed():
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
def undisturbed() -> Iterator[None]:
    """Lets `boto3.client` find what the environment says."""
    with own_default_session(), own_credentials():
        yield


@contextmanager
def own_credentials() -> Iterator[None]:
    """Keeps moto, if somebody has imported it, from setting credentials: the requests of its `mock_aws` would miss the session."""
    config: Any = getattr(sys.modules.get("moto.core.config"), "default_user_config", {})
    core: Dict[str, Any] = config.get("core", {})
    before = core.get("mock_credentials", True)
    core["mock_credentials"] = False
    try:
        yield
    finally:
        core["mock_credentials"] = before


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
