"""What a journal's records hold: one call that writes to a run, as bytes.

Points alone, by far the most of it, are binary: ``p``, the length of the run's id (8 bits), the id, and for each point
its value (64-bit float), timestamp and step (64-bit integers), the length of its key (16 bits) and the key. Everything
else is ``j`` and a JSON object.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from trackside.entities import Metric, Param, RunStatus, Tag

_POINT = struct.Struct("<dqqH")
_POINTS, _JSON = b"p"[0], b"j"[0]


@dataclass(slots=True)
class Logged:
    """A ``log_batch``."""

    metrics: list[Metric] = field(default_factory=list)
    params: list[Param] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Updated:
    """An ``update_run``."""

    status: RunStatus | None = None
    end_time: int | None = None
    run_name: str | None = None


@dataclass(frozen=True, slots=True)
class TagDeleted:
    """A ``delete_tag``."""

    key: str


@dataclass(frozen=True, slots=True)
class FileKept:
    """An artifact that waits as a file beside the journal."""

    path: str
    """Its path among the run's artifacts."""
    file: str
    """The file's name."""
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class ExperimentWanted:
    """An experiment in words that can be read later: by its id, else by its tags, else by its name."""

    experiment_id: str | None = None
    name: str = ""
    found_by: tuple[tuple[str, str], ...] = ()
    """An active experiment with one of these tags is the one, earlier tags first, unless it has another value of an
    earlier one. With these, an experiment that only has the name is another."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What it gets if it has to be made."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A ``create_run``, without the status: that is RUNNING."""

    experiment: ExperimentWanted
    run_name: str
    user_id: str
    start_time: int
    tags: Mapping[str, str]


Change: TypeAlias = "Logged | Updated | TagDeleted | FileKept | NewRun"


@dataclass(frozen=True, slots=True)
class Step:
    """What one or several records change in a run, and those records."""

    run_id: str
    change: Change
    payloads: list[bytes]


def points_payload(run_id: str, points: Sequence[Metric]) -> bytes:
    """The record of points."""
    run = run_id.encode()
    parts = [b"p", bytes((len(run),)), run]
    for point in points:
        key = point.key.encode()
        parts += _POINT.pack(point.value, point.timestamp, point.step, len(key)), key
    return b"".join(parts)


def payload_of(run_id: str, change: Change) -> bytes:
    """The record of a change. Raises UnicodeEncodeError for a text with half a character in it."""
    if isinstance(change, Logged) and not change.params and not change.tags and len(run_id) < 64:
        return points_payload(run_id, change.metrics)
    return b"j" + json.dumps(_as_json(run_id, change), ensure_ascii=False, separators=(",", ":")).encode()


def step_of(payload: bytes) -> Step:
    """What a record holds. Raises ValueError for one that nobody wrote in this way."""
    if payload[0] == _POINTS:
        run_id, points = _read_points(payload)
        return Step(run_id, Logged(points), [payload])
    if payload[0] != _JSON:
        raise ValueError(f"a record of the unknown kind {payload[:1]!r}")
    body = json.loads(payload[1:])
    return Step(body["run"], _read_change(body), [payload])


def steps_of(payloads: Iterable[bytes]) -> list[Step]:
    """What the records change, run by run, with what was logged to a run in a row taken together."""
    by_run: dict[str, list[Step]] = {}
    for payload in payloads:
        step = step_of(payload)
        earlier = by_run.setdefault(step.run_id, [])
        if not (earlier and _taken_together(earlier[-1], step)):
            earlier.append(step)
    return [step for steps in by_run.values() for step in steps]


def _taken_together(first: Step, second: Step) -> bool:
    if not (isinstance(first.change, Logged) and isinstance(second.change, Logged)):
        return False
    first.change.metrics += second.change.metrics
    first.change.params += second.change.params
    first.change.tags += second.change.tags
    first.payloads.extend(second.payloads)
    return True


def _read_points(payload: bytes) -> tuple[str, list[Metric]]:
    at = 2 + payload[1]
    return payload[2:at].decode(), [Metric(*point) for point in _points_in(payload, at)]


def _points_in(payload: bytes, at: int) -> Iterator[tuple[str, float, int, int]]:
    while at < len(payload):
        value, timestamp, step, length = _POINT.unpack_from(payload, at)
        at += _POINT.size
        yield payload[at : at + length].decode(), value, timestamp, step
        at += length


def _as_json(run_id: str, change: Change) -> dict[str, Any]:
    if isinstance(change, TagDeleted):
        return {"run": run_id, "delete_tag": change.key}
    if isinstance(change, Updated):
        status = change.status.value if change.status else None
        return {"run": run_id, "update": [status, change.end_time, change.run_name]}
    if isinstance(change, FileKept):
        return {"run": run_id, "file": [change.path, change.file, change.size]}
    if isinstance(change, NewRun):
        return {"run": run_id, "new": asdict(change)}
    return {
        "run": run_id,
        "metrics": [[point.key, point.value, point.timestamp, point.step] for point in change.metrics],
        "params": [[param.key, param.value] for param in change.params],
        "tags": [[tag.key, tag.value] for tag in change.tags],
    }


def _read_change(body: dict[str, Any]) -> Change:
    if "delete_tag" in body:
        return TagDeleted(body["delete_tag"])
    if "update" in body:
        status, end_time, run_name = body["update"]
        return Updated(RunStatus(status) if status else None, end_time, run_name)
    if "file" in body:
        return FileKept(*body["file"])
    if "new" in body:
        return _read_new_run(**body["new"])
    return Logged(
        [Metric(*point) for point in body["metrics"]],
        [Param(*param) for param in body["params"]],
        [Tag(*tag) for tag in body["tags"]],
    )


def _read_new_run(*, experiment: dict[str, Any], **given: Any) -> NewRun:
    found_by = tuple((key, value) for key, value in experiment.pop("found_by"))
    return NewRun(experiment=ExperimentWanted(**experiment, found_by=found_by), **given)
