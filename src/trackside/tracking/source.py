"""What started a run: the tags that say who, what kind of source, which notebook."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from trackside import settings
from trackside.entities import SourceType
from trackside.errors import InvalidValueError
from trackside.notebook import session as notebook_session
from trackside.tracking import tag_names
from trackside.tracking.place import Place, find_place

if TYPE_CHECKING:
    from trackside.notebook.session import NotebookSession

UNKNOWN_USER = "unknown"
CONSOLE = "<console>"


def source_tags() -> dict[str, str]:
    """The tags of a run that starts now. Those in ``MLFLOW_RUN_CONTEXT`` win over what is found here.

    Raises:
        InvalidValueError: ``MLFLOW_RUN_CONTEXT`` is not a JSON object.
    """
    session = notebook_session.current()
    found = _script_tags() if session is None else notebook_tags(session)
    return {tag_names.USER: user_name(), **found, **context_tags()}


def user_name() -> str:
    """``MLFLOW_TRACKING_USERNAME``, else the account that runs the process, else ``unknown``."""
    given = settings.USERNAME.read()
    if given:
        return given
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return UNKNOWN_USER


def source_path() -> Path | None:
    """The notebook or script that starts runs in this process, or None where there is no such file."""
    session = notebook_session.current()
    if session is not None:
        return session.path
    script = _script_name()
    return Path(script).absolute() if script != CONSOLE and Path(script).is_file() else None


def _script_tags() -> dict[str, str]:
    return {tag_names.SOURCE_NAME: _script_name(), tag_names.SOURCE_TYPE: SourceType.LOCAL.value}


def _script_name() -> str:
    """The script as it was called; ``<console>`` where Python or IPython takes commands from a person."""
    typed_in = hasattr(sys, "ps1") or "get_ipython" in vars(sys.modules.get("builtins", sys))
    name = sys.argv[0] if sys.argv else ""
    return CONSOLE if typed_in or name in ("", "-", "-c") else name


def notebook_tags(session: NotebookSession, place: Place | None = None) -> dict[str, str]:
    """The tags that say which notebook and which kernel. ``place`` is the notebook's, where it is known already."""
    if place is None and session.path is not None:
        place = find_place(session.path, session.display_path)
    tags = {
        tag_names.SOURCE_TYPE: SourceType.NOTEBOOK.value,
        tag_names.SOURCE_NAME: (place.display_path if place else session.display_path) or CONSOLE,
        tag_names.KERNEL_ID: session.kernel_id,
        tag_names.NOTEBOOK_ID: session.notebook_id,
    }
    if place is not None:
        tags[tag_names.NOTEBOOK_PATH] = place.location
    return {key: value for key, value in tags.items() if value}


def context_tags() -> Mapping[str, str]:
    """The tags in ``MLFLOW_RUN_CONTEXT``. Raises InvalidValueError where it is not a JSON object."""
    text = settings.RUN_CONTEXT.read()
    if not text:
        return {}
    try:
        tags = json.loads(text)
        return {str(key): str(value) for key, value in tags.items()}
    except (ValueError, AttributeError):
        raise InvalidValueError(
            f"MLFLOW_RUN_CONTEXT must be a JSON object of tags, not {text[:80]!r}", hint="unset it, or correct it"
        ) from None
