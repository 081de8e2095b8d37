"""From a request of the widget to the answer, whatever the request is.

The other side is ``js/src/widget/protocol.ts``; examples in ``tests/protocol/*.json`` hold both to it. Requests come on
any thread. A fault never raises here: it is the answer.
"""

from __future__ import annotations

import logging
import sys
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trackside.errors import InvalidValueError, TracksideError

logger = logging.getLogger("trackside")

FIELDS: Mapping[str, Mapping[str, type]] = {
    "runs.watch": {"query": dict, "window": dict, "open": list},
    "runs.leave": {},
    "filter.help": {"filter": str, "caret": int, "query": dict},
    "names.list": {"query": dict},
    "curves.read": {"run_ids": list, "keys": list},
    "runs.between": {"start": str, "end": str},
    "runs.group": {"query": dict, "fields": list, "all_but": bool, "columns": list},
    "experiments.list": {},
    "store.set": {"uri": str},
    "compare.read": {},
    "compare.curves": {"metric": str, "runs": list, "points": int},
    "compare.select": {"run_ids": list},
    "compare.open": {"run_ids": list},
    "run.rename": {"run_id": str, "name": str},
    "tag.set": {"run_id": str, "key": str, "value": str},
    "tag.delete": {"run_id": str, "key": str},
    "artifacts.list": {"run_id": str, "path": str},
    "artifact.read": {"run_id": str, "path": str},
    "artifact.chunk": {"run_id": str, "path": str, "offset": int},
    "artifact.table": {"run_id": str, "path": str},
    "commit.read": {"run_id": str},
    "part.read": {"name": str},
    "run.watch": {"run_id": str},
    "run.leave": {},
    "run.open": {"run_id": str},
    "run.changes": {"run_id": str},
    "run.children": {"run_id": str},
    "run.environment": {"run_id": str},
    "models.list": {"run_id": str},
    "revision.read": {"run_id": str},
    "diff.read": {"before": str, "after": str, "path": str, "cells": list, "key": str},
    "diff.cells": {"key": str, "cells": list},
    "diff.open": {"before": str, "after": str},
    "diff.choices": {"run_id": str},
    "runs.ids": {"query": dict},
    "descendants.count": {"run_ids": list, "deleted": bool},
    "runs.delete": {"run_ids": list, "descendants": bool},
    "runs.restore": {"run_ids": list, "descendants": bool},
    "runs.purge": {"run_ids": list, "dry_run": bool},
    "runs.close": {"run_ids": list},
    "runs.rename": {"run_ids": list, "names": list},
    "runs.csv": {"run_ids": list, "download": bool},
    "tags.set": {"run_ids": list, "key": str, "value": str},
    "tags.delete": {"run_ids": list, "key": str},
    "note.read": {"run_id": str},
    "run.page": {"run_id": str},
    "kernel.interrupt": {},
    "reproduce.plan": {"run_id": str},
    "reproduce.check": {"run_id": str},
    "reproduce.start": {
        "run_id": str,
        "folder": str,
        "environment": bool,
        "libraries": bool,
        "allowed": list,
        "without": list,
        "python": str,
        "from_commit": bool,
        "verify": bool,
        "tolerances": dict,
    },
    "reproduce.cancel": {"job": str},
    "reproduce.jobs": {},
}
"""Every kind of request, with the fields of its data."""


@dataclass(slots=True)
class Buffers:
    """The binary part of a message: numbers as little-endian columns, files as they are."""

    parts: list[bytes] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        """Append bytes and return their index."""
        self.parts.append(content)
        return len(self.parts) - 1

    def add_float64(self, values: Iterable[float]) -> int:
        """Append a column of float64 and return its index."""
        column = array("d", values)
        if sys.byteorder == "big":
            column.byteswap()
        return self.add(column.tobytes())

    def add_int32(self, values: Iterable[int]) -> int:
        """Append a column of int32 and return its index."""
        column = array("i", values)
        if sys.byteorder == "big":
            column.byteswap()
        return self.add(column.tobytes())

    def add_uint8(self, values: Iterable[int]) -> int:
        """Append a column of uint8 and return its index."""
        return self.add(bytes(values))


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to the widget. Equal messages look the same there."""

    content: dict[str, Any]
    buffers: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose data has the fields of its kind. ``client`` tells apart the pages that show the widget."""

    id: str
    kind: str
    data: Mapping[str, Any]

    @property
    def client(self) -> str:
        """The part of the id before ``:``, the same for all requests of one page."""
        return self.id.partition(":")[0]


Handler = Callable[[Request, Buffers], dict[str, Any]]


def answer(message: object, handlers: Mapping[str, Handler]) -> Message:
    """The reply to a request, or the fault that it met."""
    request_id = _read_id(message)
    buffers = Buffers()
    try:
        request = _read_request(message)
        reply = handlers[request.kind](request, buffers)
    except Exception as error:  # noqa: BLE001 a fault of ours is an answer, not an end
        return Message({"id": request_id, "fault": describe(error)})
    return Message({"id": request.id, "reply": reply}, buffers.parts)


def begun(message: object) -> Message:
    """Says, before the answer, that a request has come and is being worked on."""
    return Message({"id": _read_id(message), "begun": True})


def describe(error: Exception) -> dict[str, str]:
    """An error as the front end shows it; one that is no error of Trackside's is logged and called ``Internal``."""
    if isinstance(error, TracksideError):
        return {"code": error.code, "message": error.message, "hint": error.hint}
    logger.error("Trackside met a fault of its own: %r", error, exc_info=error)
    lines = f"{type(error).__name__}: {error}".splitlines()
    hint = "This is a fault in Trackside; the kernel's log has the details."
    return {"code": "Internal", "message": lines[0], "hint": hint}


def _read_id(message: object) -> str:
    found = message.get("id") if isinstance(message, Mapping) else None
    return found if isinstance(found, str) else ""


def _read_request(message: object) -> Request:
    if not isinstance(message, Mapping) or not _read_id(message):
        raise InvalidValueError(f"a request must be an object with an id, not {message!r:.80}")
    kind, data = message.get("kind"), message.get("data")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise InvalidValueError(
            f"there is no request {kind!r:.80}", hint="Reload the page: it may be older than the kernel's Trackside."
        )
    _check_data(kind, data)
    return Request(_read_id(message), kind, data if isinstance(data, Mapping) else {})


def _check_data(kind: str, data: object) -> None:
    if not isinstance(data, Mapping):
        raise InvalidValueError(f"the data of {kind} must be an object, not {data!r:.80}")
    for name, expected in FIELDS[kind].items():
        if not isinstance(data.get(name), expected) or (isinstance(data[name], bool) and expected is not bool):
            raise InvalidValueError(
                f"{name!r} of {kind} must be of type {expected.__name__}, not {data.get(name)!r:.80}"
            )
