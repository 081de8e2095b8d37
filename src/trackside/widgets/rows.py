"""Runs as the list shows them: what each is, its telling params, and the metrics of all of them as columns."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from trackside.search.nodes import Field, Kind
from trackside.tracking import tag_names
from trackside.tracking.makers import find_maker
from trackside.widgets.query import read_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trackside.entities import Run
    from trackside.widgets.bridge import Buffers
    from trackside.widgets.lines import Line

MAX_TEXT = 200
MAX_NAME = 500
"""Letters of a run's name and of keys that are listed; stores allow fewer, files of others may have more."""
MAX_PARAMS = 8
MAX_METRICS = 8
MAX_COLUMNS = 48
_HEADING = re.compile(r"^#{1,6} +")
SUGGESTED = 4
"""How many metrics and how many params make the columns of a table that nobody has chosen columns for."""


def run_rows(
    lines: Sequence[Line], runs: Sequence[Run], columns: Sequence[str] | None, *, is_server: bool = False
) -> list[dict[str, Any]]:
    """A ``RunRow`` for each run and its line.

    Without ``columns``, params that differ between the runs come first, because they tell them apart.
    """
    if columns is None:
        varying = _varying_params(runs)
        keys = [sorted(run.data.params, key=lambda key: key not in varying)[:MAX_PARAMS] for run in runs]
        return [_row(line, run, own, (), is_server) for line, run, own in zip(lines, runs, keys, strict=True)]
    params, tags = keys_of(columns, Kind.PARAM), keys_of(columns, Kind.TAG)
    return [_row(line, run, params, tags, is_server) for line, run in zip(lines, runs, strict=True)]


def keys_of(columns: Iterable[str], kind: Kind) -> tuple[str, ...]:
    """The keys of the columns of one kind."""
    fields = (read_column(column) for column in columns)
    return tuple(dict.fromkeys(found.key for found in fields if found is not None and found.kind is kind))


def suggest_columns(runs: Sequence[Run]) -> list[str]:
    """The columns that say most: metrics that most runs have, and params that differ."""
    metrics = [key for key in choose_metrics(runs) if not _is_system(key)][:SUGGESTED]
    count = Counter(key for run in runs for key in run.data.params if len(key) <= MAX_NAME)
    varying = _varying_params(runs)
    params = sorted(count, key=lambda key: (key not in varying, -count[key]))[:SUGGESTED]
    fields = [Field(Kind.METRIC, key) for key in metrics] + [Field(Kind.PARAM, key) for key in params]
    return [str(field) for field in fields]


def _row(line: Line, run: Run, params: Iterable[str], shown_tags: Iterable[str], is_server: bool) -> dict[str, Any]:
    info, tags = run.info, run.data.tags
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "name": info.run_name[:MAX_NAME] or info.run_id[:8],
        "status": str(info.status),
        "state": str(info.lifecycle_stage),
        "deleted_time": info.deleted_time,
        "user": info.user_id[:MAX_TEXT],
        "start_time": info.start_time,
        "end_time": info.end_time,
        "parent_run_id": tags.get(tag_names.PARENT_RUN_ID),
        "depth": line.depth,
        "children": line.children,
        "is_folded": line.is_folded,
        "is_found": line.is_found,
        "is_starred": tags.get(tag_names.STARRED) == "true",
        "maker": find_maker(run, is_server=is_server).value,
        "has_revision": tag_names.REVISION_PATH in tags and tag_names.REVISION_SHA256 in tags,
        "source_name": tags.get(tag_names.SOURCE_NAME, "")[:MAX_TEXT],
        "source_type": tags.get(tag_names.SOURCE_TYPE, "")[:MAX_TEXT],
        "note": _HEADING.sub("", _first_line(tags.get(tag_names.NOTE, ""))),
        "error": _error(tags),
        "params": _texts(params, run.data.params),
        "tags": _texts(shown_tags, tags),
    }


def _texts(keys: Iterable[str], found: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": cut_text(found[key])} for key in keys if key in found and len(key) <= MAX_NAME]


def _varying_params(runs: Sequence[Run]) -> frozenset[str]:
    if len(runs) < 2:
        return frozenset()
    seen: dict[str, set[str]] = {}
    count: Counter[str] = Counter()
    for run in runs:
        count.update(run.data.params.keys())
        for key, value in run.data.params.items():
            seen.setdefault(key, set()).add(value)
    return frozenset(key for key, values in seen.items() if len(values) > 1 or count[key] < len(runs))


def cut_text(text: str) -> dict[str, Any]:
    """A ``CutText``."""
    return {"text": text[:MAX_TEXT], "cut": len(text) > MAX_TEXT}


def _error(tags: Mapping[str, str]) -> str:
    found = [tags.get(key, "") for key in (tag_names.ERROR_TYPE, tag_names.ERROR_MESSAGE)]
    return _first_line(": ".join(part for part in found if part))


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].rstrip()[:MAX_TEXT]


# Metrics of the rows


def metric_columns(runs: Sequence[Run], columns: Sequence[str] | None, buffers: Buffers) -> dict[str, Any]:
    """The ``MetricColumns`` of the runs."""
    keys = choose_metrics(runs) if columns is None else list(keys_of(columns, Kind.METRIC))
    values = [run.data.metrics.get(key, 0.0) for key in keys for run in runs]
    present = [int(key in run.data.metrics) for key in keys for run in runs]
    return {"keys": keys, "values": buffers.add_float64(values), "present": buffers.add_uint8(present)}


def choose_metrics(runs: Sequence[Run]) -> list[str]:
    """The metrics to list: those that most runs have, of each run at most 8; system metrics if there are no others."""
    count: Counter[str] = Counter()
    for run in runs:
        count.update(key for key in run.data.metrics if len(key) <= MAX_NAME)
    keys = [key for key in count if not _is_system(key)] or list(count)
    rank = {key: place for place, key in enumerate(sorted(keys, key=lambda key: -count[key]))}
    chosen: set[str] = set()
    for run in runs:
        chosen.update(sorted(run.data.metrics.keys() & rank.keys(), key=rank.__getitem__)[:MAX_METRICS])
    return sorted(chosen, key=rank.__getitem__)[:MAX_COLUMNS]


def _is_system(key: str) -> bool:
    return key.startswith("system/")
