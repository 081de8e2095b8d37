"""Tracking URIs: which one holds, and the store that it names.

The default is found exactly as MLflow finds it, so that a notebook that uses both sees the same runs in both.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from trackside.errors import UnknownStoreError
from trackside.settings import TRACKING_URI
from trackside.stores.sqlite import SqliteStore, sqlite_uri

if TYPE_CHECKING:
    from trackside.stores.base import Store

_DEFAULT_FILE = "mlflow.db"
OLD_FOLDER = "mlruns"

LOOK_WAIT_S = 1.0
"""How long somebody who looks again and again waits for others that hold a file."""

_open_stores: dict[Path | str, Store] = {}
_lock = threading.Lock()


def resolve_tracking_uri(explicit: str | None) -> str:
    """The URI that was set by the program, else ``MLFLOW_TRACKING_URI``, else that of the working directory.

    The working directory's is ``mlflow.db`` in it, unless a folder ``mlruns`` with experiments is there.
    """
    if uri := explicit or TRACKING_URI.read():
        return uri
    if _has_experiments(Path(OLD_FOLDER)):
        return Path(OLD_FOLDER).absolute().as_uri()
    return sqlite_uri(Path(_DEFAULT_FILE).absolute())


def open_store(uri: str) -> Store:
    """The store that a tracking URI names. There is one object for each place in a process.

    Nothing is made on disk until something is written.

    Raises:
        UnknownStoreError: The URI names no kind of store that Trackside knows.
        InvalidValueError: It is no complete address of a server.
    """
    place = uri.rstrip("/") if _is_server(uri) else _database_path(uri)
    with _lock:
        store = _open_stores.get(place)
        if store is None:
            store = _open_stores[place] = _make_store(place)
        return store


def _make_store(place: Path | str) -> Store:
    from trackside.stores.journaled import JournaledStore

    if isinstance(place, Path):
        quick, look = (SqliteStore(place, wait_s=wait_s) for wait_s in (0, LOOK_WAIT_S))
        return JournaledStore(SqliteStore(place), quick=quick, look=look)
    from trackside.stores.rest import RestStore

    store = RestStore(place)
    return JournaledStore(store, courier=store.impatient())


def _is_server(uri: str) -> bool:
    return uri.partition(":")[0].lower() in ("http", "https")


def _has_experiments(folder: Path) -> bool:
    try:
        return any(
            child.name.isdigit() and child.is_dir() and os.path.lexists(child / "meta.yaml")
            for child in folder.iterdir()
        )
    except OSError:
        return False


def _database_path(uri: str) -> Path:
    scheme, _, rest = uri.partition(":")
    if scheme.lower().partition("+")[0] != "sqlite":
        raise _unknown(uri)
    if not rest.startswith("///"):
        raise UnknownStoreError(
            f"{uri!r} names no file",
            hint="Write sqlite:///name.db for a file in the working directory, sqlite:////folder/name.db elsewhere.",
        )
    text = rest.removeprefix("///").partition("?")[0]
    if not text or text == ":memory:" or text.startswith("file:"):
        raise UnknownStoreError(f"{uri!r} is no file; runs can only be kept in one", hint="Use sqlite:///mlflow.db.")
    return Path(os.path.abspath(_decoded(text)))  # noqa: PTH100 - Path.absolute keeps `..`


def _decoded(text: str) -> str:
    """The path in a URI; taken as it stands where only such a file exists, which older MLflow made."""
    decoded = unquote(text)
    return text if text != decoded and Path(text).exists() and not Path(decoded).exists() else decoded


def _unknown(uri: str) -> UnknownStoreError:
    scheme = urlsplit(uri).scheme
    if "databricks" in (uri, scheme):
        return UnknownStoreError(
            f"the tracking URI {uri!r} names Databricks, to which Trackside does not connect",
            hint="Trackside knows sqlite:///name.db, sqlite:////folder/name.db and https://server:port.",
        )
    if uri.endswith((".db", ".sqlite", ".sqlite3")) and scheme == "":
        return UnknownStoreError(
            f"the tracking URI {uri!r} does not say that it is a database", hint=f"Write sqlite:///{uri}."
        )
    if scheme in ("", "file") or len(scheme) == 1:
        return UnknownStoreError(
            f"the tracking URI {uri!r} names a folder of MLflow's old file store, which cannot be used here",
            hint="Use a database: trackside.set_tracking_uri('sqlite:///mlflow.db').",
        )
    return UnknownStoreError(
        f"no store for the tracking URI {uri!r}: unknown scheme {scheme!r}",
        hint="Trackside knows sqlite:///name.db, sqlite:////folder/name.db and https://server:port.",
    )


def _forget_stores() -> None:
    _open_stores.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_stores)
