"""Runs as columns, for charts and tables: built once, whatever is looked at later.

The other side is ``js/src/widget/compare/data.ts``.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from trackside.tracking import tag_names
from trackside.tracking.changes import code_of

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.tracking.choosing import ChosenRun
    from trackside.widgets.bridge import Buffers

Value = TypeVar("Value")

MISSING = math.nan
MOST_TEXTS = 64
"""Params with more different values than that travel as numbers, if that says the same."""

_LARGEST_EXACT = 1e15


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A number for each run; ``missing`` has a 1 where the run has none, and is None where every run has one."""

    kind: str
    key: str
    values: Sequence[float]
    missing: bytes | None = None

    def pick(self, places: Sequence[int]) -> NumberColumn:
        """The column of some of the runs."""
        missing = None if self.missing is None else bytes(self.missing[place] for place in places)
        return replace(self, values=array("d", [self.values[place] for place in places]), missing=missing)

    def is_there(self, place: int) -> bool:
        """Whether this run has a value."""
        return self.missing is None or not self.missing[place]

    def to_wire(self, buffers: Buffers) -> dict[str, Any]:
        """A ``ColumnMessage``."""
        missing = None if self.missing is None else buffers.add(self.missing)
        return {
            "kind": self.kind,
            "key": self.key,
            "values": buffers.add_float64(self.values),
            "missing": missing,
            "texts": None,
        }


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A text for each run, as its place among the different ``texts``, or -1 where the run has none."""

    kind: str
    key: str
    codes: Sequence[int]
    texts: Sequence[str]

    def pick(self, places: Sequence[int]) -> TextColumn:
        """The column of some of the runs."""
        kept = dict.fromkeys(code for place in places if (code := self.codes[place]) >= 0)
        new = {code: place for place, code in enumerate(kept)} | {-1: -1}
        codes = array("i", [new[self.codes[place]] for place in places])
        return replace(self, codes=codes, texts=[self.texts[code] for code in kept])

    def to_wire(self, buffers: Buffers) -> dict[str, Any]:
        """A ``ColumnMessage``."""
        return {
            "kind": self.kind,
            "key": self.key,
            "values": buffers.add_int32(self.codes),
            "missing": None,
            "texts": list(self.texts),
        }

    def text_of(self, place: int) -> str | None:
        """The text of a run."""
        code = self.codes[place]
        return self.texts[code] if code >= 0 else None


Column = NumberColumn | TextColumn


@dataclass(frozen=True, slots=True)
class ChartData:
    """What charts and tables show.

    Attributes:
        run_ids: The runs, in their order.
        columns: What is known of them: ``detail`` columns, then params, metrics and tags, each by key.
        histories: Keys of the metrics that have more than one point in some run, as far as that is known.
        total: How many runs were compared; more than there are here where the rest was left out.
    """

    run_ids: Sequence[str]
    columns: Sequence[Column]
    histories: Sequence[str] = ()
    total: int = 0
    left_out: Sequence[str] = field(default_factory=tuple)
    """Names of the columns that were left out."""

    def find(self, kind: str, key: str) -> Column | None:
        """The column of a param, metric, tag or detail."""
        return next((column for column in self.columns if (column.kind, column.key) == (kind, key)), None)

    def pick(self, places: Sequence[int]) -> ChartData:
        """The data of some of the runs."""
        columns = [column.pick(places) for column in self.columns]
        return replace(self, run_ids=[self.run_ids[place] for place in places], columns=columns)

    def to_wire(self, buffers: Buffers) -> dict[str, Any]:
        """A ``CompareData`` without curves."""
        return {
            "run_ids": list(self.run_ids),
            "columns": [column.to_wire(buffers) for column in self.columns],
            "histories": list(self.histories),
            "total": self.total,
            "left_out": list(self.left_out),
        }


def build(chosen: Sequence[ChosenRun], experiment_names: Mapping[tuple[str, str], str]) -> ChartData:
    """The columns of these runs.

    Args:
        chosen: The runs.
        experiment_names: By the URI of the store and the id of the experiment.
    """
    runs = [one.run for one in chosen]
    columns = [
        *_details(chosen, experiment_names),
        *_texts("param", [run.data.params for run in runs], _param_column),
        *_metrics([run.data.metrics for run in runs]),
        *_texts("tag", [_own_tags(run) for run in runs], _text_column),
    ]
    return ChartData([run.info.run_id for run in runs], columns, _histories(runs), len(runs))


def _details(chosen: Sequence[ChosenRun], experiment_names: Mapping[tuple[str, str], str]) -> list[Column]:
    runs = [one.run for one in chosen]
    infos = [run.info for run in runs]
    names = [
        experiment_names.get((one.store.uri, one.run.info.experiment_id), one.run.info.experiment_id) for one in chosen
    ]
    texts: dict[str, Iterable[str | None]] = {
        "name": [info.run_name for info in infos],
        "status": [str(info.status) for info in infos],
        "stage": [str(info.lifecycle_stage) for info in infos],
        "experiment": names,
        "store": [one.store.uri for one in chosen],
        "user": [run.data.tags.get(tag_names.USER) or run.info.user_id or None for run in runs],
        "source": [run.data.tags.get(tag_names.SOURCE_NAME) for run in runs],
        "revision": [code_of(run) for run in runs],
        **{key: [run.data.tags.get(tag) for run in runs] for key, tag in _TAGS.items()},
    }
    numbers = {
        "start_time": [info.start_time for info in infos],
        "end_time": [info.end_time for info in infos],
        "duration": [_duration(run) for run in runs],
    }
    return [
        *(_text_column("detail", key, list(values)) for key, values in texts.items()),
        *(_number_column("detail", key, values) for key, values in numbers.items()),
    ]


_TAGS = {
    "commit": tag_names.GIT_COMMIT,
    "environment": tag_names.ENVIRONMENT_SHA256,
    "note": tag_names.NOTE,
}


def _duration(run: Run) -> int | None:
    start, end = run.info.start_time, run.info.end_time
    return None if start is None or end is None else end - start


def _own_tags(run: Run) -> dict[str, str]:
    return {key: value for key, value in run.data.tags.items() if not tag_names.is_system(key)}


def _texts(
    kind: str, rows: Sequence[Mapping[str, str]], make: Callable[[str, str, Sequence[str | None]], Column]
) -> list[Column]:
    return [make(kind, key, [row.get(key) for row in rows]) for key in _keys(rows)]


def _metrics(rows: Sequence[Mapping[str, float]]) -> list[Column]:
    return [_number_column("metric", key, [row.get(key) for row in rows]) for key in _keys(rows)]


def _keys(rows: Iterable[Mapping[str, object]]) -> list[str]:
    return sorted(set().union(*rows))


def _number_column(kind: str, key: str, values: Sequence[float | None]) -> NumberColumn:
    if None not in values:
        return NumberColumn(kind, key, array("d", values))  # type: ignore[arg-type]
    missing = bytes(value is None for value in values)
    return NumberColumn(kind, key, array("d", [MISSING if value is None else value for value in values]), missing)


def _param_column(kind: str, key: str, values: Sequence[str | None]) -> Column:
    """Many different numbers are a column of numbers, if their texts can be told from them."""
    different = {value for value in values if value is not None}
    if len(different) <= MOST_TEXTS:
        return _text_column(kind, key, values)
    numbers: dict[str | None, float | None] = {text: _exact_number(text) for text in different}
    if None in numbers.values():
        return _text_column(kind, key, values)
    return _number_column(kind, key, [numbers.get(value) for value in values])


def _exact_number(text: str) -> float | None:
    """The number that is written so and not otherwise, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    is_whole = value.is_integer() and abs(value) < _LARGEST_EXACT
    shortest = str(int(value)) if is_whole else repr(value)
    return value if shortest == text and "e" not in text and math.isfinite(value) else None


def _text_column(kind: str, key: str, values: Sequence[str | None]) -> TextColumn:
    places: dict[str | None, int] = {text: place for place, text in enumerate(dict.fromkeys(values))}
    if None in places:
        texts = [text for text in places if text is not None]
        places = {text: place for place, text in enumerate(texts)} | {None: -1}
    return TextColumn(
        kind, key, array("i", map(places.__getitem__, values)), [text for text in places if text is not None]
    )


def _histories(runs: Sequence[Run]) -> list[str]:
    """Metrics whose latest point is not the first step; stores that tell no points may have a history for each."""
    keys: set[str] = set()
    for run in runs:
        keys.update(key for key, point in run.data.latest.items() if point.step > 0)
        if not run.data.latest:
            keys.update(run.data.metrics)
    return sorted(keys)
