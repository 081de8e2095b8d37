"""What the panel shows: the newest runs of the active experiment, and all of those that are unfolded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage, Run
from trackside.errors import NotFoundError
from trackside.stores.base import RunQuery
from trackside.tracking import tag_names
from trackside.widgets.bridge import Buffers, Message, describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside.widgets.context import Context
    from trackside.widgets.details import DetailReader

MAX_LIMIT = 5000
MAX_TEXT = 200
MAX_PARAMS = 8
MAX_METRICS = 8
MAX_COLUMNS = 48


@dataclass(frozen=True, slots=True)
class Watch:
    """What a view asked for: the number of rows, and the ids of the runs that are unfolded."""

    limit: int = 100
    open: tuple[str, ...] = ()


def take_snapshot(context: Context, watch: Watch, details: DetailReader, *, answers_while_busy: bool) -> Message:
    """A ``RunsSnapshot`` with its buffers; one that says what is wrong where the store cannot be read."""
    try:
        return _read(context, watch, details, answers_while_busy)
    except Exception as error:  # noqa: BLE001 the panel shows it
        return fault_snapshot(error, context, answers_while_busy=answers_while_busy)


def fault_snapshot(error: Exception, context: Context | None = None, *, answers_while_busy: bool) -> Message:
    """A snapshot without runs that carries what went wrong."""
    buffers = Buffers()
    content = _frame(context, describe(error), answers_while_busy)
    content |= {"total": 0, "rows": [], "metrics": _metric_columns([], buffers), "details": []}
    return Message(content, buffers.parts)


def _read(context: Context, watch: Watch, details: DetailReader, answers_while_busy: bool) -> Message:
    runs, total = _find_runs(context, watch.limit)
    opened = _find_open(context, watch.open, runs)
    buffers = Buffers()
    content = _frame(context, None, answers_while_busy)
    content |= {
        "total": total,
        "rows": run_rows(runs),
        "metrics": _metric_columns(runs, buffers),
        "details": details.read(context.store, opened, buffers),
    }
    return Message(content, buffers.parts)


def _frame(context: Context | None, fault: Mapping[str, str] | None, answers_while_busy: bool) -> dict[str, Any]:
    return {
        "store": {"uri": context.store.uri if context else "", "fault": fault},
        "experiment": {
            "id": context.experiment_id if context else None,
            "name": context.experiment_name if context else "",
        },
        "notebook": context.notebook if context else "",
        "answers_while_busy": answers_while_busy,
    }


def _find_runs(context: Context, limit: int) -> tuple[list[Run], int]:
    if context.experiment_id is None:
        return [], 0
    wanted = max(1, min(limit, MAX_LIMIT))
    query = RunQuery((context.experiment_id,), max_results=wanted)
    page = context.store.search_runs(query)
    whole = page.token is None
    return list(page), len(page) if whole else context.store.count_runs(query)


def _find_open(context: Context, run_ids: Sequence[str], listed: Sequence[Run]) -> list[Run]:
    """The unfolded runs, also those that newer ones pushed out of the list; deleted ones are left out."""
    by_id = {run.info.run_id: run for run in listed}
    found = [by_id.get(run_id) or _find_run(context, run_id) for run_id in run_ids]
    return [run for run in found if run is not None and run.info.lifecycle_stage is LifecycleStage.ACTIVE]


def _find_run(context: Context, run_id: str) -> Run | None:
    try:
        return context.store.get_run(run_id)
    except NotFoundError:
        return None


# Rows


def run_rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """A ``RunRow`` for each run. Params that differ between the runs come first, because they tell them apart."""
    varying = _varying_params(runs)
    return [_row(run, varying) for run in runs]


def _row(run: Run, varying: frozenset[str]) -> dict[str, Any]:
    info, tags = run.info, run.data.tags
    keys = sorted(run.data.params, key=lambda key: key not in varying)[:MAX_PARAMS]
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "name": info.run_name or info.run_id[:8],
        "status": str(info.status),
        "user": info.user_id,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "parent_run_id": tags.get(tag_names.PARENT_RUN_ID),
        "has_revision": tag_names.REVISION_PATH in tags and tag_names.REVISION_SHA256 in tags,
        "source_name": tags.get(tag_names.SOURCE_NAME, "")[:MAX_TEXT],
        "source_type": tags.get(tag_names.SOURCE_TYPE, ""),
        "note": _first_line(tags.get(tag_names.NOTE, "")),
        "params": [{"key": key, "value": _cut(run.data.params[key])} for key in keys],
    }


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


def _cut(text: str) -> dict[str, Any]:
    return {"text": text[:MAX_TEXT], "cut": len(text) > MAX_TEXT}


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].rstrip()[:MAX_TEXT]


# Metrics of the rows


def _metric_columns(runs: Sequence[Run], buffers: Buffers) -> dict[str, Any]:
    keys = choose_metrics(runs)
    values = [run.data.metrics.get(key, 0.0) for key in keys for run in runs]
    present = [int(key in run.data.metrics) for key in keys for run in runs]
    return {"keys": keys, "values": buffers.add_float64(values), "present": buffers.add_uint8(present)}


def choose_metrics(runs: Sequence[Run]) -> list[str]:
    """The metrics to list: those that most runs have, and of each run at most 8; system metrics come last."""
    count: Counter[str] = Counter()
    for run in runs:
        count.update(run.data.metrics.keys())
    rank = {key: place for place, key in enumerate(sorted(count, key=lambda key: (_is_system(key), -count[key])))}
    chosen: set[str] = set()
    for run in runs:
        chosen.update(sorted(run.data.metrics, key=rank.__getitem__)[:MAX_METRICS])
    return sorted(chosen, key=rank.__getitem__)[:MAX_COLUMNS]


def _is_system(key: str) -> bool:
    return key.startswith("system/")
