"""A difference as plain text, for terminals and saved logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from trackside.errors import plain
from trackside.tracking.directions import judge_change

if TYPE_CHECKING:
    from trackside.notebook.difference import CellChange
    from trackside.notebook.text_difference import Line, LineChange
    from trackside.tracking.changes import MetricChange, TextChange
    from trackside.tracking.differences import RunDifference

CONTEXT = 3
"""So many unchanged lines are shown around those that were changed."""
_LONGEST = 200


def describe(difference: RunDifference) -> list[str]:
    """The lines of a difference: what was measured first, then what it was measured with, then the cells."""
    lines = [f"{difference.before.info.run_name} → {side_name(difference)}"]
    lines += _section("metrics", [metric_line(change) for change in difference.metrics])
    lines += _section("params", [_text_line(change) for change in difference.params])
    lines += _section("environment", [_text_line(change) for change in difference.environment])
    lines += _section("packages", [_text_line(change) for change in difference.packages])
    if difference.cells is None:
        return [*lines, "", f"cells: unknown, because {plain(difference.missing)}"]
    return [*lines, "", f"cells: {count_cells(difference.cells)}", *_cell_lines(difference.cells)]


def side_name(difference: RunDifference) -> str:
    """What the later side is called."""
    if difference.after is None:
        return f"{difference.notebook or 'the notebook'} now"
    return difference.after.info.run_name


def count_cells(cells: Sequence[CellChange]) -> str:
    """Such as ``2 changed, 1 added, 14 the same``."""
    counts = {kind: sum(change.kind == kind for change in cells) for kind in ("changed", "added", "removed")}
    counts["moved"] = sum(change.is_moved for change in cells)
    counts["the same"] = sum(change.is_same for change in cells)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "none"


def metric_line(change: MetricChange) -> str:
    """The values of a metric, and whether the change is for the better, where the metric's name tells."""
    before, after = ("" if value is None else f"{value:.6g}" for value in (change.before, change.after))
    if change.before is None or change.after is None:
        return f"{plain(change.key)}  {_sides(before or None, after or None)}"
    verdict = judge_change(change.key, change.before, change.after)
    return f"{plain(change.key)}  {before} → {after}{'' if verdict == 'neutral' else f'  {verdict}'}"


def cell_title(change: CellChange) -> str:
    """Where a cell stands and what happened to it, such as ``cell 3, code, changed``."""
    here = change.after or change.before
    if here is None:
        return ""
    what = [] if change.kind == "same" else [change.kind]
    extra = [name for name in change.changed if name != "source"]
    moved = [f"moved from {change.before.position}"] if change.is_moved and change.before else []
    return ", ".join([f"cell {here.position}", here.cell_type, *what, *extra, *moved])


def near_changes(lines: Sequence[LineChange]) -> Iterator[LineChange | None]:
    """The changed lines with what stands around them; None where lines are left out."""
    changed = [index for index, line in enumerate(lines) if line.kind != "same"]
    shown = sorted({near for at in changed for near in range(at - CONTEXT, at + CONTEXT + 1) if 0 <= near < len(lines)})
    last = -1
    for index in shown:
        if index > last + 1:
            yield None
        yield lines[index]
        last = index
    if shown and shown[-1] < len(lines) - 1:
        yield None


def _cell_lines(cells: Iterable[CellChange]) -> Iterator[str]:
    for change in cells:
        if not change.is_same:
            yield ""
            yield f"@@ {cell_title(change)} @@"
            yield from _source_lines(change)


def _source_lines(change: CellChange) -> Iterator[str]:
    if change.kind in ("added", "removed"):
        sign, side = ("+", change.after) if change.after else ("-", change.before)
        yield from (f"{sign} {_cut(line)}" for line in (side.source if side else "").splitlines())
        return
    for line in near_changes(change.lines):
        if line is None:
            yield "  ⋯"
        elif line.kind == "same":
            yield f"  {_cut(_join(line.after))}"
        else:
            yield from (f"- {_cut(_join(line.before))}",) if line.before is not None else ()
            yield from (f"+ {_cut(_join(line.after))}",) if line.after is not None else ()


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _text_line(change: TextChange) -> str:
    return f"{plain(change.key)}  {_sides(change.before, change.after)}"


def _sides(before: str | None, after: str | None) -> str:
    if before is None:
        return f"{_cut(after or '')}  (added)"
    if after is None:
        return f"{_cut(before)}  (removed)"
    return f"{_cut(before)} → {_cut(after)}"


def _join(line: Line | None) -> str:
    return "".join(span.text for span in line or ())


def _cut(text: str) -> str:
    shown = plain(text.expandtabs(4))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
