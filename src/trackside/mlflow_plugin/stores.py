"""The store that MLflow writes to, opened by Trackside."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from trackside.errors import UnknownStoreError
from trackside.stores.uri import open_store, resolve_tracking_uri

if TYPE_CHECKING:
    from trackside.stores.base import Store


def tracking_uri() -> str:
    """The URI that MLflow uses now: what it was told, else what the environment says, else its own default.

    The default is not the same in all versions of MLflow, so MLflow is asked where it is loaded.
    """
    ask = getattr(sys.modules.get("mlflow"), "get_tracking_uri", None)
    return str(ask()) if ask is not None else resolve_tracking_uri(None)


def find_store(uri: str) -> Store | None:
    """The store with this URI; None where Trackside has no store of that kind."""
    try:
        return open_store(uri)
    except UnknownStoreError:
        return None
