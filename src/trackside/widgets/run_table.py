"""Runs taken apart into columns as they come: no object is kept for a run or a value, however many are compared."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage, Run, RunData, RunInfo, RunStatus
from trackside.stores.columns import RunColumns
from trackside.tracking.changes import code_of

if TYPE_CHECKING:
    from trackside.stores.base import Store
    from trackside.tracking.choosing import ChosenRun

MISSING = math.nan
MOST_TEXTS = 64
"""Params with more different values than that are kept as numbers, if that says the same."""

_LARGEST_EXACT = 1e15


class Numbers:
    """A number for each run; those without one have NaN, and a 1 in ``missing``."""

    __slots__ = ("missing", "values")

    def __init__(self) -> None:
        self.values = array("d")
        self.missing = bytearray()

    def put(self, place: int, value: float) -> None:
        """Give the run at a place its number; the runs before it that got none have none."""
        if len(self.values) < place:
            self.fill(place)
        self.values.append(value)
        self.missing.append(0)

    def fill(self, count: int) -> None:
        """Make the column long enough for so many runs."""
        short = count - len(self.values)
        self.values.extend([MISSING] * short)
        self.missing.extend(b"\1" * short)

    def get(self, place: int) -> float | None:
        """The number of a run, or None."""
        return self.values[place] if place < len(self.values) and not self.missing[place] else None


class Texts:
    """A text for each run, as its place among the different ``texts``, or -1 where the run has none."""

    __slots__ = ("_codes_of", "codes", "texts")

    def __init__(self) -> None:
        self.codes = array("i")
        self.texts: list[str] = []
        self._codes_of: dict[str, int] = {}

    def put(self, place: int, text: str) -> None:
        """Give the run at a place its text; the runs before it that got none have none."""
        if len(self.codes) < place:
            self.fill(place)
        code = self._codes_of.get(text)
        if code is None:
            code = self._codes_of[text] = len(self.texts)
            self.texts.append(text)
        self.codes.append(code)

    def fill(self, count: int) -> None:
        """Make the column long enough for so many runs."""
        self.codes.extend([-1] * (count - len(self.codes)))

    def get(self, place: int) -> str | None:
        """The text of a run, or None."""
        code = self.codes[place] if place < len(self.codes) else -1
        return self.texts[code] if code >= 0 else None


class Params:
    """The values of a param: texts, or numbers where these are many and say the same in a tenth of the room."""

    __slots__ = ("column",)

    def __init__(self) -> None:
        self.column: Numbers | Texts = Texts()

    def put(self, place: int, text: str) -> None:
        """Give the run at a place its value."""
        if isinstance(self.column, Numbers):
            number = exact_number(text)
            if number is not None:
                return self.column.put(place, number)
            self.column = _as_texts(self.column)
        known = len(self.column.texts)
        self.column.put(place, text)
        if known == MOST_TEXTS < len(self.column.texts):
            self.column = _as_numbers(self.column) or self.column
        return None

    def get(self, place: int) -> str | None:
        """The value of a run as it was logged, or None."""
        value = self.column.get(place)
        return shortest(value) if isinstance(value, float) else value


def exact_number(text: str) -> float | None:
    """The number that is written so and not otherwise, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "e" not in text and shortest(value) == text else None


def shortest(value: float) -> str:
    """How a finite number is written."""
    return str(int(value)) if value.is_integer() and abs(value) < _LARGEST_EXACT else repr(value)


def _as_numbers(column: Texts) -> Numbers | None:
    """The same as numbers; None where a text is none."""
    numbers = [exact_number(text) for text in column.texts]
    found = Numbers()
    for place, code in enumerate(column.codes):
        if code >= 0:
            number = numbers[code]
            if number is None:
                return None
            found.put(place, number)
    return found


def _as_texts(column: Numbers) -> Texts:
    found = Texts()
    for place, value in enumerate(column.values):
        if not column.missing[place]:
            found.put(place, shortest(value))
    return found


_TEXTS = ("experiment_id", "run_name", "user_id", "status", "artifact_uri", "lifecycle_stage")
_TIMES = ("start_time", "end_time", "deleted_time")


class RunTable:
    """The runs that are compared.

    Attributes:
        run_ids: The runs, in their order.
        infos: What is known of each run besides what was logged, by the name of ``RunInfo``.
        times: The same of its times, in milliseconds.
        metrics: The latest values, by key.
        params: By key.
        tags: By key.
        stores: The stores that the runs are in.
        codes: Hashes of the code that made the runs.
        histories: Keys of the metrics that have more than one point in some run, as far as that is known.
    """

    def __init__(self, chosen: Iterable[ChosenRun]) -> None:
        self.run_ids: list[str] = []
        self.infos = {name: Texts() for name in _TEXTS}
        self.times = {name: Numbers() for name in _TIMES}
        self.metrics: Mapping[str, Numbers] = defaultdict(Numbers)
        self.params: Mapping[str, Params] = defaultdict(Params)
        self.tags: Mapping[str, Texts] = defaultdict(Texts)
        self.codes = Texts()
        self.histories: set[str] = set()
        self.stores: list[Store] = []
        self._store_codes = array("i")
        for one in chosen:
            self._add(one.store, one.run)

    def __len__(self) -> int:
        return len(self.run_ids)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each run is."""
        return {run_id: place for place, run_id in enumerate(self.run_ids)}

    def store_of(self, place: int) -> Store:
        """The store of a run."""
        return self.stores[self._store_codes[place]]

    def places_in(self, store: Store) -> list[int]:
        """The runs of a store."""
        wanted = self.stores.index(store)
        return [place for place, code in enumerate(self._store_codes) if code == wanted]

    def experiment_of(self, place: int) -> str:
        """The id of a run's experiment."""
        return self.infos["experiment_id"].get(place) or ""

    def run(self, place: int) -> Run:
        """A run as it was when it was read, without the steps of its metrics."""
        texts = {name: column.get(place) or "" for name, column in self.infos.items()}
        start, end, deleted = (_whole(column.get(place)) for column in self.times.values())
        info = RunInfo(
            run_id=self.run_ids[place],
            experiment_id=texts["experiment_id"],
            run_name=texts["run_name"],
            user_id=texts["user_id"],
            status=RunStatus(texts["status"]),
            start_time=start,
            end_time=end,
            artifact_uri=texts["artifact_uri"],
            lifecycle_stage=LifecycleStage(texts["lifecycle_stage"]),
            deleted_time=deleted,
        )
        metrics = {key: value for key, column in self.metrics.items() if (value := column.get(place)) is not None}
        params = {key: text for key, column in self.params.items() if (text := column.get(place)) is not None}
        tags = {key: text for key, column in self.tags.items() if (text := column.get(place)) is not None}
        return Run(info, RunData(metrics, params, tags))

    def columns_of(self, places: Sequence[int]) -> RunColumns:
        """Some of the runs as columns, which are those that all runs have."""
        infos = {name: [column.get(place) or "" for place in places] for name, column in self.infos.items()}
        times = {name: [_whole(column.get(place)) for place in places] for name, column in self.times.items()}
        return RunColumns(
            run_ids=[self.run_ids[place] for place in places],
            experiment_ids=infos["experiment_id"],
            statuses=infos["status"],
            artifact_uris=infos["artifact_uri"],
            start_times=times["start_time"],
            end_times=times["end_time"],
            metrics={key: [_or_nan(column.get(place)) for place in places] for key, column in self.metrics.items()},
            params={key: [column.get(place) for place in places] for key, column in self.params.items()},
            tags={key: [column.get(place) for place in places] for key, column in self.tags.items()},
        )

    def _add(self, store: Store, run: Run) -> None:
        place, info, data = len(self.run_ids), run.info, run.data
        self.run_ids.append(info.run_id)
        if store not in self.stores:
            self.stores.append(store)
        self._store_codes.append(self.stores.index(store))
        for name, column in self.infos.items():
            column.put(place, str(getattr(info, name)))
        for name, times in self.times.items():
            if (time := getattr(info, name)) is not None:
                times.put(place, time)
        for key, value in data.metrics.items():
            self.metrics[key].put(place, value)
        for key, text in data.params.items():
            self.params[key].put(place, text)
        for key, text in data.tags.items():
            self.tags[key].put(place, text)
        if code := code_of(run):
            self.codes.put(place, code)
        self.note_histories(data)

    def note_histories(self, data: RunData) -> None:
        """Metrics whose latest point is not the first step; stores that tell no points may have a history for each."""
        self.histories.update(key for key, point in data.latest.items() if point.step > 0)
        if not data.latest:
            self.histories.update(data.metrics)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _or_nan(value: float | None) -> float:
    return MISSING if value is None else value
