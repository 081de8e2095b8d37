"""The folder of a clone says where its runs go: beside the original, where they would else go to a database of its own.

Only files of this machine count, so that no folder that somebody sends makes a kernel talk to a server.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from trackside import settings
from trackside.errors import TracksideError
from trackside.settings import FOLDER_FILE
from trackside.stores.uri import open_store

_KEY = "tracking_uri"
_PREFIX = "sqlite:///"
_MOST_BYTES = 10_000


def file_text(uri: str) -> str:
    """What the file of a folder says so that runs go to this store; empty for stores that no file can name."""
    return json.dumps({_KEY: uri}, ensure_ascii=False, indent=1) + "\n" if uri.startswith(_PREFIX) else ""


def read_uri(folder: Path) -> str:
    """The store that the file of a folder names; empty where there is no such file, and where the store is gone."""
    try:
        with (folder / FOLDER_FILE).open(encoding="utf-8") as file:
            told = json.loads(file.read(_MOST_BYTES))
        uri = told.get(_KEY) if isinstance(told, dict) else None
        is_file = isinstance(uri, str) and uri.startswith(_PREFIX)
        return str(uri) if is_file and not open_store(str(uri)).is_missing() else ""
    except (OSError, ValueError, TracksideError):
        return ""


def follow(folder: Path) -> None:
    """Use that store in this process, where nothing else was said. MLflow follows the same variable."""
    if not settings.TRACKING_URI.read() and (uri := read_uri(folder)):
        os.environ[settings.TRACKING_URI.name] = uri
