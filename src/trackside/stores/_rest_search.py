"""What is asked of a server in a search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage
from trackside.errors import InvalidValueError

if TYPE_CHECKING:
    from trackside.stores.base import RunQuery

LARGEST_PAGE = 50_000
_PLAIN_KEY = re.compile(r"[\w/.\- :]+")
_AMBIGUOUS = re.compile(r"[\\\x00-\x1f]")
"""What a server's parser may take for something else inside quotes."""


def view_type(stages: Sequence[LifecycleStage]) -> str | None:
    """How the API names a set of lifecycle stages, or None for the empty one."""
    wanted = set(stages)
    if len(wanted) == 2:
        return "ALL"
    if not wanted:
        return None
    return "ACTIVE_ONLY" if LifecycleStage.ACTIVE in wanted else "DELETED_ONLY"


def search_body(query: RunQuery) -> dict[str, object] | None:
    """The request that answers a query, or None where nothing can be found.

    The order is the server's own: newest first, then by id.

    Raises:
        InvalidValueError: A page cannot have less than one run.
    """
    if query.max_results < 1:
        raise InvalidValueError(f"max_results must be at least 1, got {query.max_results!r}")
    view = view_type(query.stages)
    ids = [text for text in query.experiment_ids if text.isascii() and text.isdigit()]  # servers refuse any other
    if view is None or not ids:
        return None
    body: dict[str, object] = {
        "experiment_ids": ids,
        "run_view_type": view,
        "max_results": min(query.max_results, LARGEST_PAGE),
    }
    if query.page_token:
        body["page_token"] = query.page_token
    return body


def equals_filter(key: str, value: str) -> str | None:
    """The filter that finds what carries exactly this tag, or None where it cannot be said.

    The grammar has no escapes: a value that holds both kinds of quotes cannot be written. Servers whose database
    compares without regard to case find more than was asked for.
    """
    quote = next((mark for mark in ("'", '"') if mark not in value), None)
    if quote is None or not _PLAIN_KEY.fullmatch(key) or _AMBIGUOUS.search(value) or value != value.strip():
        return None
    return f"tags.`{key}` = {quote}{value}{quote}"
