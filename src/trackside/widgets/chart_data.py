"""Runs as columns, for charts and tables: built once, whatever is looked at later.

The other side is ``js/src/widget/compare/data.ts``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from trackside.tracking import tag_names
from trackside.widgets.run_table import Numbers, Texts

if TYPE_CHECKING:
    from trackside.widgets.bridge import Buffers
    from trackside.widgets.run_table import RunTable


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


def build(table: RunTable, experiment_names: Mapping[tuple[str, str], str]) -> ChartData:
    """The columns of these runs.

    Args:
        table: The runs.
        experiment_names: By the URI of the store and the id of the experiment.
    """
    count = len(table)
    own_tags = [key for key in table.tags if not tag_names.is_system(key)]
    columns = [
        *_details(table, experiment_names),
        *(_column("param", key, table.params[key].column, count) for key in sorted(table.params)),
        *(_numbers("metric", key, table.metrics[key], count) for key in sorted(table.metrics)),
        *(_texts("tag", key, table.tags[key], count) for key in sorted(own_tags)),
    ]
    return ChartData(table.run_ids, columns, sorted(table.histories), count)


def _details(table: RunTable, experiment_names: Mapping[tuple[str, str], str]) -> list[Column]:
    count = len(table)
    infos, times, tags = table.infos, table.times, table.tags
    stores = [table.store_of(place).uri for place in range(count)]
    places = zip(stores, map(table.experiment_of, range(count)), strict=True)
    texts = {
        "name": infos["run_name"],
        "status": infos["status"],
        "stage": infos["lifecycle_stage"],
        "experiment": _made(experiment_names.get(place, place[1]) for place in places),
        "store": _made(stores),
        "user": _made(_user(table, place) for place in range(count)),
        "source": tags.get(tag_names.SOURCE_NAME, Texts()),
        "revision": table.codes,
        **{key: tags.get(tag, Texts()) for key, tag in _TAGS.items()},
    }
    return [
        *(_texts("detail", key, column, count) for key, column in texts.items()),
        *(_numbers("detail", key, times[key], count) for key in ("start_time", "end_time")),
        _numbers("detail", "duration", _durations(times["start_time"], times["end_time"], count), count),
    ]


_TAGS = {
    "commit": tag_names.GIT_COMMIT,
    "environment": tag_names.ENVIRONMENT_SHA256,
    "note": tag_names.NOTE,
}


def _user(table: RunTable, place: int) -> str:
    tagged = table.tags[tag_names.USER].get(place) if tag_names.USER in table.tags else None
    return tagged or table.infos["user_id"].get(place) or ""


def _durations(starts: Numbers, ends: Numbers, count: int) -> Numbers:
    found = Numbers()
    for place in range(count):
        start, end = starts.get(place), ends.get(place)
        if start is not None and end is not None:
            found.put(place, end - start)
    return found


def _made(texts: Iterable[str]) -> Texts:
    """A column of texts, of which empty ones are none."""
    found = Texts()
    for place, text in enumerate(texts):
        if text:
            found.put(place, text)
    return found


def _column(kind: str, key: str, column: Numbers | Texts, count: int) -> Column:
    return _numbers(kind, key, column, count) if isinstance(column, Numbers) else _texts(kind, key, column, count)


def _numbers(kind: str, key: str, column: Numbers, count: int) -> NumberColumn:
    column.fill(count)
    return NumberColumn(kind, key, column.values, bytes(column.missing) if any(column.missing) else None)


def _texts(kind: str, key: str, column: Texts, count: int) -> TextColumn:
    column.fill(count)
    return TextColumn(kind, key, column.codes, column.texts)
