"""What the panel shows: the lines in sight of what a query finds, and all of the runs that are unfolded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage, Run
from trackside.errors import FilterError, NotFoundError
from trackside.widgets.bridge import Buffers, Message, describe
from trackside.widgets.context import SETTLE_S
from trackside.widgets.details import DetailReader
from trackside.widgets.rows import metric_columns, run_rows, suggest_columns
from trackside.widgets.run_index import RunIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside.stores.base import Outline
    from trackside.widgets.context import Context
    from trackside.widgets.lines import Line, Lines
    from trackside.widgets.query import Watch


@dataclass(slots=True)
class Reader:
    """Takes snapshots for one page, and remembers what it will need for the next."""

    index: RunIndex = field(default_factory=RunIndex)
    details: DetailReader = field(default_factory=DetailReader)
    _suggested: list[str] = field(default_factory=list)
    _suggested_for: object = None

    def take(self, context: Context, watch: Watch, *, answers_while_busy: bool) -> Message:
        """A ``RunsSnapshot`` with its buffers; one that says what is wrong where the store cannot be read."""
        if context.trouble is not None:
            return fault_snapshot(context.trouble, context, answers_while_busy=answers_while_busy)
        try:
            context.store.settle(SETTLE_S)
            return self._read(context, watch, answers_while_busy)
        except FilterError as error:
            fault = filter_fault(error)
            return _without_runs(_frame(context, answers_while_busy) | {"query_fault": fault})
        except Exception as error:  # noqa: BLE001 the panel shows it
            return fault_snapshot(error, context, answers_while_busy=answers_while_busy)

    def lines(self, context: Context, watch: Watch) -> Lines:
        """All lines of the list, as far as they were looked for."""
        return self._find(context, watch)[1]

    def _find(self, context: Context, watch: Watch) -> tuple[Outline, Lines]:
        return self.index.find(context, watch.query, watch.fold, watch.window.offset + watch.window.limit)

    def _read(self, context: Context, watch: Watch, answers_while_busy: bool) -> Message:
        window = watch.window
        outline, lines = self._find(context, watch)
        start = lines.start_of(window)
        shown, runs = _fetch_runs(context, outline, lines.part(start, start + window.limit))
        opened = _find_open(context, watch, runs)
        buffers = Buffers()
        content = _frame(context, answers_while_busy)
        content |= {
            "experiments": _experiments(context, watch),
            "total": outline.total,
            "lines": len(lines),
            "offset": start,
            "columns": self._columns(context, watch, start, runs),
            "rows": run_rows(shown, runs, watch.columns, is_server=context.store.is_server),
            "metrics": metric_columns(runs, watch.columns, buffers),
            "open_lines": [lines.find(run.info.run_id) for run in opened],
            "details": self.details.read(context.seen, opened, buffers),
        }
        return Message(content, buffers.parts)

    def _columns(self, context: Context, watch: Watch, start: int, runs: Sequence[Run]) -> list[str]:
        """The columns; those that are suggested stay the same while the list is scrolled."""
        if watch.columns is not None:
            return list(watch.columns)
        place = (context.key, watch.query)
        if self._suggested_for != place or not start:
            self._suggested, self._suggested_for = suggest_columns(runs), place
        return self._suggested


def fault_snapshot(error: Exception, context: Context | None = None, *, answers_while_busy: bool) -> Message:
    """A snapshot without runs that carries what went wrong."""
    return _without_runs(_frame(context, answers_while_busy, describe(error)))


def filter_fault(error: FilterError) -> dict[str, Any]:
    """A ``FilterFault``. Its place is counted as JavaScript counts characters."""
    before, marked = error.text[: error.position], error.text[error.position : error.position + error.length]
    return {
        **describe(error),
        "text": error.text,
        "position": count_units(before),
        "length": max(1, count_units(marked)),
    }


def count_units(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _without_runs(frame: dict[str, Any]) -> Message:
    buffers = Buffers()
    empty = {"experiments": [], "total": 0, "lines": 0, "offset": 0, "columns": [], "rows": []}
    content = {**empty, **frame, "metrics": metric_columns([], None, buffers), "open_lines": [], "details": []}
    return Message(content, buffers.parts)


def _frame(context: Context | None, answers_while_busy: bool, fault: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "store": {
            "uri": context.store.uri if context else "",
            "fault": fault,
            "waiting": context.count_late() if context else 0,
        },
        "experiment": {
            "id": context.experiment_id if context else None,
            "name": context.experiment_name if context else "",
        },
        "notebook": context.notebook if context else "",
        "answers_while_busy": answers_while_busy,
        "query_fault": None,
    }


def _experiments(context: Context, watch: Watch) -> list[dict[str, Any]]:
    """The experiments whose runs are shown; one that is not there any more has no name."""
    own = {"id": context.experiment_id, "name": context.experiment_name}
    if watch.query.experiments is None:
        return [own]
    return [own if wanted == own["id"] else _experiment(context, wanted) for wanted in watch.query.experiments]


def _experiment(context: Context, experiment_id: str) -> dict[str, Any]:
    try:
        return {"id": experiment_id, "name": context.seen.get_experiment(experiment_id).name}
    except NotFoundError:
        return {"id": experiment_id, "name": ""}


def _fetch_runs(context: Context, outline: Outline, lines: Sequence[Line]) -> tuple[list[Line], list[Run]]:
    """The runs of these lines, and the lines without those of runs that are gone since."""
    runs = {line.run_id: outline.runs[line.run_id] for line in lines if line.run_id in outline.runs}
    missing = [line.run_id for line in lines if line.run_id not in runs]
    if missing:
        runs.update((run.info.run_id, run) for run in context.seen.get_runs(missing))
    there = [line for line in lines if line.run_id in runs]
    return there, [runs[line.run_id] for line in there]


def _find_open(context: Context, watch: Watch, listed: Sequence[Run]) -> list[Run]:
    """The unfolded runs, also those out of sight; those of another state than is shown are left out."""
    known = {run.info.run_id: run for run in listed}
    unknown = [run_id for run_id in watch.open if run_id not in known]
    known.update((run.info.run_id, run) for run in context.seen.get_runs(unknown) if unknown)
    shown = LifecycleStage.ACTIVE if watch.query.state == "active" else None
    found = [known[run_id] for run_id in watch.open if run_id in known]
    return [run for run in found if shown in (None, run.info.lifecycle_stage)]
