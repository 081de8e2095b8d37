"""Experiments, runs and batches as a tracking server's JSON says them.

Numbers of 64 bits come as numbers or as text; empty lists and zero times are left out; NaN is the text ``NaN``;
infinity comes back as the largest finite number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from trackside.entities import (
    Experiment,
    LifecycleStage,
    Metric,
    Param,
    Run,
    RunData,
    RunInfo,
    RunStatus,
    Tag,
)
from trackside.errors import ParamChangedError
from trackside.search.matches import DatasetUse
from trackside.stores._http_errors import not_tracking
from trackside.stores.validation import RUN_NAME_TAG, read_number, short

Read = TypeVar("Read")

MAX_METRICS = 1000
MAX_PARAMS = 100
MAX_TAGS = 100
MAX_ENTRIES = 1000
MAX_BYTES = 800_000
"""Below the megabyte that proxies commonly let through."""

_BYTES_PER_METRIC = 120
"""What a point takes on the wire besides its key."""
_BYTES_PER_PAIR = 40


def read_answer(asked: str, answer: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Read]) -> Read:
    """Take an answer apart.

    Raises:
        StoreUnreachableError: It has not the parts of a tracking server's answer.
    """
    try:
        return read(answer)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise not_tracking(asked, answer) from None


def read_experiment(item: Mapping[str, Any]) -> Experiment:
    """An experiment of an answer."""
    return Experiment(
        experiment_id=str(item["experiment_id"]),
        name=str(item["name"]),
        artifact_location=str(item.get("artifact_location") or ""),
        lifecycle_stage=LifecycleStage(item.get("lifecycle_stage") or "active"),
        creation_time=_time(item.get("creation_time")),
        last_update_time=_time(item.get("last_update_time")),
        tags=_pairs(item.get("tags")),
    )


def read_run(item: Mapping[str, Any]) -> Run:
    """A run of an answer with all that was logged to it."""
    data = _read_data(item.get("data") or {})
    return Run(_read_info(item["info"], data), data)


def read_metric(item: Mapping[str, Any]) -> Metric:
    """A point of an answer."""
    value = float(item["value"])
    value = value if math.isnan(value) else read_number(value, 0)
    return Metric(str(item["key"]), value, int(item.get("timestamp") or 0), int(item.get("step") or 0))


def read_dataset_uses(item: Mapping[str, Any]) -> tuple[DatasetUse, ...]:
    """The datasets that a run of an answer used."""
    inputs = (item.get("inputs") or {}).get("dataset_inputs") or ()
    return tuple(map(_read_dataset_use, inputs))


def write_pairs(pairs: Mapping[str, str]) -> list[dict[str, object]]:
    """Tags as requests hold them."""
    return [{"key": key, "value": value} for key, value in pairs.items()]


@dataclass(slots=True)
class Batch:
    """What goes into one ``log-batch`` request."""

    metrics: list[dict[str, object]] = field(default_factory=list)
    params: list[dict[str, object]] = field(default_factory=list)
    tags: list[dict[str, object]] = field(default_factory=list)
    size: int = 0

    def takes(self, kind: str, size: int) -> bool:
        """Whether one more entry keeps the batch within the server's limits."""
        limit = {"metrics": MAX_METRICS, "params": MAX_PARAMS, "tags": MAX_TAGS}[kind]
        count = len(self.metrics) + len(self.params) + len(self.tags)
        return count < MAX_ENTRIES and len(getattr(self, kind)) < limit and self.size + size <= MAX_BYTES

    def add(self, kind: str, entry: dict[str, object], size: int) -> None:
        """Put an entry in."""
        getattr(self, kind).append(entry)
        self.size += size

    def json(self) -> dict[str, object]:
        """What the request holds besides the run's id."""
        parts = {"metrics": self.metrics, "params": self.params, "tags": self.tags}
        return {kind: entries for kind, entries in parts.items() if entries}


def batches(metrics: Iterable[Metric], params: Mapping[str, str], tags: Mapping[str, str]) -> Iterator[Batch]:
    """What was logged, in as few requests as the server's limits allow.

    Params come first, so that one that has changed is refused before anything else is written.
    """
    batch = Batch()
    for kind, entry, size in _entries(metrics, params, tags):
        if not batch.takes(kind, size):
            yield batch
            batch = Batch()
        batch.add(kind, entry, size)
    if batch.size:
        yield batch


def agreed_params(params: Sequence[Param]) -> dict[str, str]:
    """Params by key. Raises ParamChangedError where one has two values."""
    agreed: dict[str, str] = {}
    for param in params:
        first = agreed.setdefault(param.key, param.value)
        if first != param.value:
            raise ParamChangedError(
                f"param {param.key!r} is {short(first)} and {short(param.value)} in the same batch",
                hint="Params keep their first value. Log one of the two under another key.",
            )
    return agreed


def last_tags(tags: Iterable[Tag]) -> dict[str, str]:
    """Tags by key; the last one wins."""
    return {tag.key: tag.value for tag in tags}


def _entries(
    metrics: Iterable[Metric], params: Mapping[str, str], tags: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, object], int]]:
    for kind, pairs in (("params", params), ("tags", tags)):
        for key, value in pairs.items():
            yield kind, {"key": key, "value": value}, _BYTES_PER_PAIR + _wire_length(key) + _wire_length(value)
    for metric in metrics:
        yield "metrics", _write_metric(metric), _BYTES_PER_METRIC + _wire_length(metric.key)


def _write_metric(metric: Metric) -> dict[str, object]:
    value = metric.value if math.isfinite(metric.value) else _name_of(metric.value)
    return {"key": metric.key, "value": value, "timestamp": metric.timestamp, "step": metric.step}


def _name_of(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _wire_length(text: str) -> int:
    """An upper bound of a text's bytes in JSON, where a control character takes six."""
    return (len(text) if text.isascii() and text.isprintable() else 6 * len(text)) + 2


def _read_info(info: Mapping[str, Any], data: RunData) -> RunInfo:
    return RunInfo(
        run_id=str(info.get("run_id") or info["run_uuid"]),
        experiment_id=str(info["experiment_id"]),
        run_name=str(info.get("run_name") or data.tags.get(RUN_NAME_TAG, "")),
        user_id=str(info.get("user_id") or ""),
        status=RunStatus(info.get("status") or "RUNNING"),
        start_time=_time(info.get("start_time")),
        end_time=_time(info.get("end_time")) or None,
        artifact_uri=str(info.get("artifact_uri") or ""),
        lifecycle_stage=LifecycleStage(info.get("lifecycle_stage") or "active"),
    )


def _read_dataset_use(item: Mapping[str, Any]) -> DatasetUse:
    dataset, context = item["dataset"], _pairs(item.get("tags")).get("mlflow.data.context")
    return DatasetUse(str(dataset["name"]), str(dataset["digest"]), context)


def _read_data(data: Mapping[str, Any]) -> RunData:
    latest = {metric.key: metric for metric in map(read_metric, data.get("metrics") or ())}
    values = {key: metric.value for key, metric in latest.items()}
    return RunData(values, _pairs(data.get("params")), _pairs(data.get("tags")), latest)


def _pairs(items: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    return {str(item["key"]): str(item.get("value", "")) for item in items or ()}


def _time(value: object) -> int | None:
    return None if value is None else int(str(value))
