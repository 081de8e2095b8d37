"""What the magics show: as HTML in notebooks, as text in terminals and saved logs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from trackside.errors import RunNotFoundError, StoreError, columns_of, is_away, plain, plain_lines
from trackside.search import parse_filter
from trackside.stores.base import RunQuery
from trackside.tracking import fluent, session, tag_names
from trackside.tracking.mistyped import find_meant

if TYPE_CHECKING:
    from trackside.entities import Run

SHOWN_COLUMNS = 6
"""How many params, and how many metrics, have a column of their own in the table of runs."""

NARROW = 60
"""Up to this many characters, a cell of a table stays on one line."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that shows as HTML or as text. Everything in it is text, never markup. No columns, no heading."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    empty: str = ""
    width: int = NARROW
    """Longer texts are cut."""

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{escape(self.empty)}</p>"
        head = f"<thead>{self._line('th', self.columns)}</thead>" if self.columns else ""
        return f"<table>{head}<tbody>{''.join(self._line('td', row) for row in self.rows)}</tbody></table>"

    def _line(self, kind: str, cells: Sequence[str]) -> str:
        style = "text-align: left" if self.width > NARROW else "text-align: left; white-space: nowrap"
        marked = (f'<{kind} style="{style}">{escape(self._cut(cell))}</{kind}>' for cell in cells)
        return f"<tr>{''.join(marked)}</tr>"

    def __repr__(self) -> str:
        if not self.rows:
            return self.empty
        lines = [[self._cut(cell) for cell in row] for row in (self.columns, *self.rows) if row]
        widths = [max(map(columns_of, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(map(_padded, line, widths)).rstrip() for line in lines)

    def _cut(self, text: str) -> str:
        line = " ".join(plain(text).split())
        return line if len(line) <= self.width else f"{line[: self.width - 1]}…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))


def display(thing: Any) -> None:
    """Show something below the cell."""
    from IPython.display import display as show

    show(thing)  # type: ignore[no-untyped-call]


def say(text: str) -> None:
    """Write a line or several below the cell."""
    sys.stdout.write(f"{plain_lines(text)}\n")


def experiment_name(run: Run) -> str:
    """The name of the experiment that a run belongs to."""
    try:
        return session.current_store().get_experiment(run.info.experiment_id).name
    except StoreError as error:
        if not is_away(error):
            raise
        return _describe_wanted()


def read_status() -> Table:
    """What is tracked now."""
    from trackside.notebook import session as notebook_session

    notebook = notebook_session.current()
    rows = [
        ("experiment", _describe_experiment()),
        ("store", session.get_tracking_uri()),
        ("active run", _describe_active_run()),
        ("notebook", (notebook.display_path or "unknown") if notebook else "none"),
    ]
    return Table((), [*rows, *_describe_waiting()], width=500)


def read_runs(count: int, filter_text: str = "") -> Table:
    """The latest runs of the active experiment that pass a filter."""
    condition = parse_filter(filter_text)
    active = session.active_experiment(create=False)
    nothing = (
        f"experiment {active.name} has no such runs" if filter_text else f"experiment {active.name} has no runs yet"
    )
    if active.experiment_id is None:
        return Table((), (), nothing)
    query = RunQuery((active.experiment_id,), max_results=count, filter=condition)
    store = session.current_store()
    found = list(store.search_runs(query))
    if not found and (meant := find_meant(store, query)):
        nothing += f"; {meant}"
    return _table_of(found, nothing)


def _table_of(found: Sequence[Run], nothing: str) -> Table:
    params = _first_keys([list(run.data.params) for run in found])
    metrics = _first_keys([list(run.data.metrics) for run in found])
    rows = [
        [
            run.info.run_name,
            str(run.info.status),
            _time(run.info.start_time),
            _duration(run),
            *(run.data.params.get(key, "") for key in params),
            *(_number(run.data.metrics.get(key)) for key in metrics),
        ]
        for run in found
    ]
    return Table(("run", "status", "started", "duration", *params, *metrics), rows, nothing)


def find_run(text: str) -> Run:
    """The run with this id or name, or the only one whose id begins so, among the latest of the experiment."""
    active = session.active_experiment(create=False)
    ids = (active.experiment_id,) if active.experiment_id else ()
    recent = list(session.current_store().search_runs(RunQuery(ids))) if ids else []
    found = [run for run in recent if run.info.run_name == text] or [
        run for run in recent if run.info.run_id.startswith(text)
    ]
    if found:
        return found[0]
    try:
        return fluent.get_run(text)
    except RunNotFoundError:
        raise RunNotFoundError(
            f"experiment {active.name} has no run named {text!r}, and none whose id begins so",
            hint="%track runs lists them",
        ) from None


def describe_run(run: Run) -> Table:
    """All that was logged to a run, but for the tags that Trackside and MLflow set."""
    tags = {key: value for key, value in run.data.tags.items() if not tag_names.is_system(key)}
    note = run.data.tags.get(tag_names.NOTE, "")
    rows = [
        ("run", f"{run.info.run_name} (id {run.info.run_id})"),
        ("status", f"{run.info.status} {_error_of(run)}".strip()),
        ("started", f"{_time(run.info.start_time)}, by {run.info.user_id}"),
        ("duration", _duration(run)),
        ("source", run.data.tags.get(tag_names.SOURCE_NAME, "")),
        ("version", run.data.tags.get(tag_names.GIT_COMMIT, run.data.tags.get(tag_names.REVISION_SHA256, ""))[:12]),
        *((f"param {key}", value) for key, value in run.data.params.items()),
        *((f"metric {key}", _number(value)) for key, value in run.data.metrics.items()),
        *((f"tag {key}", value) for key, value in tags.items()),
        *([("note", note)] if note else []),
    ]
    return Table((), rows, width=500)


def _describe_waiting() -> list[tuple[str, str]]:
    """What waits for the store, and what it refused; nothing where all is as usual."""
    waiting, rows = session.current_store().waiting(), []
    if waiting.count and (waiting.trouble or waiting.is_late):
        why = f": {waiting.trouble}" if waiting.trouble else ""
        rows.append(("waiting", f"{waiting.text}, since {_time(waiting.since)}{why}"))
    if waiting.refused:
        places = ", ".join(str(path) for path in waiting.refused_in)
        rows.append(("refused", f"{waiting.refused} of what was logged, kept in {places}"))
    return rows


def _describe_experiment() -> str:
    try:
        active = session.active_experiment(create=False)
    except StoreError as error:
        if not is_away(error):
            raise
        return _describe_wanted()
    return f"{active.name} (id {active.experiment_id})" if active.experiment_id else active.name


def _describe_wanted() -> str:
    wanted = session.wanted_experiment()
    return f"{wanted.name or f'id {wanted.experiment_id}'} (the store is away)"


def _describe_active_run() -> str:
    active = fluent.active_run()
    if active is None:
        return "none"
    try:
        run = active.store.get_run(active.info.run_id)
    except StoreError as error:
        if not is_away(error):
            raise
        return f"{active.info.run_name} (id {active.info.run_id}), for {_duration(active)}"
    revision = run.data.tags.get(tag_names.REVISION_SHA256)
    trouble = run.data.tags.get(tag_names.CAPTURE_ERROR)
    state = f"revision {revision[:12]}" if revision else "no revision yet"
    return f"{run.info.run_name} (id {run.info.run_id}), for {_duration(run)}, {trouble or state}"


def _error_of(run: Run) -> str:
    kind = run.data.tags.get(tag_names.ERROR_TYPE, "")
    return f"({kind}: {run.data.tags.get(tag_names.ERROR_MESSAGE, '')})" if kind else ""


def _first_keys(rows: Sequence[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))[:SHOWN_COLUMNS]


def _time(time_ms: int | None) -> str:
    return "" if time_ms is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_ms / 1000))


def _duration(run: Run) -> str:
    """Such as ``3.2 s`` or ``1 h 05 min``; up to now for a run that goes on."""
    if run.info.start_time is None:
        return ""
    end = run.info.end_time or time.time() * 1000
    seconds = max(0.0, (end - run.info.start_time) / 1000)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min {int(seconds % 60):02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
