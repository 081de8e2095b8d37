"""``compare``: runs side by side in charts and tables, below the cell and in the saved notebook."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage, Run
from trackside.errors import InvalidValueError, NotFoundError
from trackside.stores.base import RunQuery
from trackside.tracking.choosing import MAX_RUNS, choose_runs
from trackside.widgets import chart_data, compare_saved, compare_svg
from trackside.widgets.compare_callbacks import Callbacks
from trackside.widgets.compare_curves import Curve, read_curves
from trackside.widgets.compare_going import read_again
from trackside.widgets.run_table import RunTable

if TYPE_CHECKING:
    from pandas import DataFrame

    from trackside.stores.base import Store
    from trackside.widgets.bridge import Message
    from trackside.widgets.chart_data import ChartData
    from trackside.widgets.compare_widget import CompareView

CHARTS = ("parallel", "curves", "scatter", "contour", "bars", "importance", "table")
MOST_CHECKED = 200
"""Up to so many runs are looked up one by one to see whether they are still there."""
MOST_AT_ONCE = 20
"""Up to so many runs come with the curves of their first metrics."""
POINTS_AT_ONCE = 6000

Callback = Callable[["DataFrame"], object]


def compare(
    runs: Any = None,
    *,
    experiments: Any = None,
    params: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    charts: str | Sequence[str] | None = None,
    baseline: str | Run | None = None,
    max_runs: int = MAX_RUNS,
) -> Comparison:
    """Compare runs in charts and tables. As the last line of a cell it shows below it, and stays in the notebook.

    Args:
        runs: Ids, ``Run`` or ``Experiment`` objects, the name of an experiment, a filter text such as
            ``"metrics.acc > 0.9"``, a DataFrame of ``search_runs``, or a list of these. A mapping names the tracking
            URI of each part, which compares runs of several stores. Without any, the runs of the experiment that runs
            go to now.
        experiments: Where a filter searches: names, ids or ``Experiment`` objects.
        params: Keys of the params to begin with; those that differ unless given.
        metrics: Keys of the metrics to begin with.
        charts: Which to show, the first of them first: ``parallel``, ``curves``, ``scatter``, ``contour``, ``bars``,
            ``importance``, ``table``; all unless given.
        baseline: The run that others are measured by in the table.
        max_runs: At most this many runs.

    Raises:
        RunNotFoundError: There is no run with one of the ids.
        FilterError: A text is no id, no experiment's name and no filter.
        InvalidValueError: Nothing was found, or another argument cannot be accepted.
    """
    table = RunTable(choose_runs(runs, experiments, max_runs))
    if not len(table):
        raise _nothing_found(runs)
    view = {
        "charts": _read_charts(charts),
        "params": _read_keys("params", params, table.params),
        "metrics": _read_keys("metrics", metrics, table.metrics),
        "baseline": _read_baseline(baseline, table),
    }
    return Comparison(table, view)


class Comparison:
    """Runs that are compared: what ``compare`` gives.

    Attributes:
        id: What front ends know the comparison by.
        view: What is shown at first.
    """

    def __init__(self, table: RunTable, view: dict[str, Any]) -> None:
        self.id = uuid.uuid4().hex
        self.table = table
        self.view = view
        self._data: ChartData | None = None
        self._curves: list[Curve] | None = None
        self._round = 0
        self._selected: tuple[str, ...] = ()
        self._callbacks = Callbacks(self._tell)
        self._lock = threading.RLock()
        self.listeners: list[Callable[[], object]] = []
        """Called when the selection or a complaint changed, on whatever thread it did."""

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        params, metrics = (sum(column.kind == kind for column in self.data.columns) for kind in ("param", "metric"))
        return f"<Comparison of {_count(len(self), 'run')}: {_count(params, 'param')}, {_count(metrics, 'metric')}>"

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, as they were when the comparison was made; those that went on, as they were last shown."""
        return tuple(map(self.table.run, range(len(self))))

    @property
    def data(self) -> ChartData:
        """The runs as columns."""
        with self._lock:
            if self._data is None:
                self._data = chart_data.build(self.table, _experiment_names(self.table))
            return self._data

    @property
    def widget(self) -> CompareView:
        """The comparison as a widget, for front ends without Trackside's part of JupyterLab."""
        from trackside.widgets.compare_widget import find_widget

        return find_widget(self)

    # The selection

    @property
    def selected(self) -> DataFrame:
        """The runs that people selected in a chart or table, as ``search_runs`` gives them; empty where none are.

        It has the columns of all runs that are compared, also where it is empty.
        """
        from trackside.transfer.dataframe import to_frame

        places = [self.table.places[run_id] for run_id in self._selected]
        return to_frame(self.table.columns_of(places or [0])).iloc[: len(places)]

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """Ids of the selected runs, in the order of the comparison."""
        return self._selected

    def select(self, run_ids: Iterable[str]) -> None:
        """Select runs wherever the comparison is shown; ids of runs that are not compared are left out."""
        wanted = set(run_ids)
        with self._lock:
            selected = tuple(run_id for run_id in self.table.run_ids if run_id in wanted)
            if selected == self._selected:
                return
            self._selected = selected
        self._callbacks.call_all(lambda: self.selected)
        self._tell()

    def on_select(self, callback: Callback) -> Callback:
        """Have a function called with ``selected`` whenever the selection changes; returns the function.

        It is called between cells: while a cell runs, it waits for the end of the cell. Where it fails, that is told
        once, below the charts and on standard error.
        """
        if not callable(callback):
            raise InvalidValueError(f"on_select takes a function, not {callback!r:.80}")
        self._callbacks.add(callback)
        return callback

    def _tell(self) -> None:
        for listen in tuple(self.listeners):
            listen()

    @property
    def has_callbacks(self) -> bool:
        """Whether Python waits for the selection."""
        return bool(self._callbacks)

    def store_of(self, run_id: str) -> Store | None:
        """The store of one of the runs; None of others."""
        place = self.table.places.get(run_id)
        return None if place is None else self.table.store_of(place)

    # What front ends ask for

    def read_curves(self, key: str, run_ids: Iterable[str], limit: int) -> list[Curve]:
        """The curves of a metric in some of the runs."""
        places = [place for run_id in run_ids if (place := self.table.places.get(run_id)) is not None]
        return read_curves(self.table, places, key, limit)

    def first_curves(self) -> list[Curve]:
        """The curves that come along at once: those of the first metrics, where the runs are few."""
        with self._lock:
            if self._curves is None:
                self._curves = self._read_first_curves() if len(self) <= MOST_AT_ONCE else []
            return self._curves

    def _follow(self) -> None:
        """Take in what the runs that had not ended have logged since; front ends read again where the round is new."""
        with self._lock:
            renewed = read_again(self.table)
            if renewed is not None:
                self.table, self._data, self._curves = renewed, None, None
                self.__dict__.pop("_kept", None)
                self._round += 1

    def find_gone(self) -> list[str]:
        """The runs that are in the trash by now, or not there at all."""
        active = set[str]().union(*(_active_ids(store, self.table) for store in self.table.stores))
        return [run_id for run_id in self.table.run_ids if run_id not in active]

    def _read_first_curves(self) -> list[Curve]:
        shown = compare_svg.chosen_columns(self.data, self.view)
        main = compare_svg.main_metric(shown, self.view["metrics"])
        chosen = self.view["metrics"] or [main.key if main else "", *self.data.histories]
        keys = [key for key in dict.fromkeys(chosen) if key in self.data.histories]
        curves: list[Curve] = []
        for key in keys:
            left = POINTS_AT_ONCE - sum(len(curve.kept) for curve in curves)
            limit = min(200, left // len(self))
            if limit < 20:
                break
            curves += read_curves(self.table, range(len(self)), key, limit, least=2)
        return curves

    # What is shown below a cell, and elsewhere

    def to_svg(self, chart: str | None = None) -> str:
        """A picture of one chart and a small table, for pages and programs in which nothing runs.

        Args:
            chart: ``parallel``, ``curves``, ``scatter``, ``contour``, ``bars``, ``importance`` or ``table``; the first
                of the comparison's charts unless given. Contours are drawn as their points, importance as
                parallel coordinates.
        """
        return self._draw(chart).svg

    def save(self, path: str | os.PathLike[str], chart: str | None = None) -> Path:
        """Write ``to_svg`` to a file; returns its path.

        Raises:
            InvalidValueError: The name of the file does not end in ``.svg``.
        """
        file = Path(path)
        if file.suffix.lower() != ".svg":
            hint = f"Give a name such as {file.with_suffix('.svg').name!r}."
            raise InvalidValueError(f"comparisons are written as SVG, and {file.name!r} is no name of one", hint=hint)
        file.write_text(self.to_svg(chart), encoding="utf-8")
        return file

    def _draw(self, chart: str | None = None) -> compare_svg.Image:
        view = self.view if chart is None else {**self.view, "charts": _read_charts(chart)}
        return compare_svg.draw(self._kept, self.first_curves(), view)

    @cached_property
    def _kept(self) -> ChartData:
        """As many of the runs as a notebook keeps, and a picture shows."""
        return compare_saved.reduce(self.data)

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, Any]:
        picture = self._draw()
        bundle: dict[str, Any] = {
            "text/plain": repr(self),
            "text/html": picture.html,
            "image/svg+xml": picture.svg,
            compare_saved.MIME: compare_saved.to_json(self._kept, self.first_curves(), self.view, self.id),
        }
        return bundle | _live(self)

    def take(self) -> Message:
        """What changes while the comparison is shown."""
        from trackside.widgets.bridge import Message

        self._follow()
        content = {
            "round": self._round,
            "gone": self.find_gone(),
            "selected": list(self.selected_ids),
            "complaint": self._callbacks.complaint,
        }
        return Message({"store": {"fault": None}, **content})


def _live(comparison: Comparison) -> dict[str, Any]:
    """The widget, where a front end may show it; programs that execute notebooks would keep all of it in the file."""
    from IPython.core.getipython import get_ipython

    from trackside.notebook.identity import is_unattended

    ipython = get_ipython()
    if getattr(ipython, "kernel", None) is None or is_unattended(ipython):
        return {}
    from trackside.widgets import compare_widget

    return compare_widget.view_of(comparison)


def _active_ids(store: Store, table: RunTable) -> set[str]:
    places, now = table.places_in(store), store.as_it_is()
    if len(places) <= MOST_CHECKED:
        runs = now.get_runs([table.run_ids[place] for place in places])
        return {run.info.run_id for run in runs if run.info.lifecycle_stage is LifecycleStage.ACTIVE}
    experiments = tuple(dict.fromkeys(map(table.experiment_of, places)))
    return set(now.outline_runs(RunQuery(experiments), MAX_RUNS).ids)


def _experiment_names(table: RunTable) -> dict[tuple[str, str], str]:
    places = {(store, table.experiment_of(place)) for store in table.stores for place in table.places_in(store)}
    return {(store.uri, found): _experiment_name(store, found) for store, found in places}


def _experiment_name(store: Store, experiment_id: str) -> str:
    try:
        return store.get_experiment(experiment_id).name
    except NotFoundError:
        return experiment_id


def _nothing_found(runs: object) -> InvalidValueError:
    if isinstance(runs, str) and runs:
        hint = "a filter searches the experiment that runs go to; experiments=[NAME] names others"
        return InvalidValueError(f"there are no runs to compare: none is found by {runs!r}", hint=hint)
    return InvalidValueError("there are no runs to compare", hint="name some: compare(RUN_IDS) or compare(FILTER)")


def _read_charts(charts: str | Sequence[str] | None) -> list[str]:
    wanted = [charts] if isinstance(charts, str) else list(CHARTS if charts is None else charts)
    unknown = [chart for chart in wanted if chart not in CHARTS]
    if unknown or not wanted:
        raise InvalidValueError(f"there is no chart {unknown[:1] or wanted!r}", hint=f"known: {', '.join(CHARTS)}")
    return wanted


def _read_keys(what: str, keys: Sequence[str] | None, columns: Mapping[str, object]) -> list[str] | None:
    if keys is None:
        return None
    wanted = [keys] if isinstance(keys, str) else list(keys)
    unknown = [key for key in wanted if key not in columns]
    if unknown:
        known = ", ".join(sorted(columns)[:10])
        raise InvalidValueError(f"none of the runs has {unknown[0]!r} among its {what}", hint=f"known: {known}")
    return wanted


def _read_baseline(baseline: str | Run | None, table: RunTable) -> str | None:
    run_id = baseline.info.run_id if isinstance(baseline, Run) else baseline
    if run_id is not None and run_id not in table.places:
        raise InvalidValueError(f"the baseline {run_id!r} is not among the runs that are compared")
    return run_id


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
