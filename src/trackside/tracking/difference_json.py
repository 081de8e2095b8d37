"""A difference as JSON: for programs, and for the front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.tracking.difference_text import side_name
from trackside.tracking.directions import judge_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside.notebook.difference import CellChange, CellSide
    from trackside.notebook.text_difference import Line, LineChange
    from trackside.tracking.changes import MetricChange, TextChange
    from trackside.tracking.differences import RunDifference


def difference_to_json(difference: RunDifference) -> dict[str, Any]:
    """All of a difference; of cells that are the same, the source is said once."""
    run = difference.after
    return {
        "same": difference.is_same,
        "before": {"run_id": difference.before.info.run_id, "name": difference.before.info.run_name},
        "after": {"run_id": run.info.run_id if run else None, "name": side_name(difference)},
        "params": texts_to_json(difference.params),
        "metrics": [_metric(change) for change in difference.metrics],
        "environment": texts_to_json(difference.environment),
        "packages": texts_to_json(difference.packages),
        "cells": None if difference.cells is None else [cell_to_json(change) for change in difference.cells],
        "missing": difference.missing,
    }


def texts_to_json(changes: Sequence[TextChange]) -> list[dict[str, Any]]:
    """Params or packages."""
    return [{"key": change.key, "before": change.before, "after": change.after} for change in changes]


def cell_to_json(change: CellChange) -> dict[str, Any]:
    """A cell with its source (the later one), and where that was changed with the lines of both sides.

    Each side of a line is a list of texts, of which every second, beginning with the second, is marked as changed.
    """
    here = change.after or change.before
    return {
        "kind": change.kind,
        "moved": change.is_moved,
        "before": _position(change.before),
        "after": _position(change.after),
        "cell_type": here.cell_type if here else "",
        "source": here.source if here and not change.lines else "",
        "changed": list(change.changed),
        "lines": [_line(line) for line in change.lines],
    }


def _position(side: CellSide | None) -> int | None:
    return side.position if side else None


def _line(line: LineChange) -> dict[str, Any]:
    return {"kind": line.kind, "before": _spans(line.before), "after": _spans(line.after)}


def _spans(line: Line | None) -> list[str] | None:
    if line is None:
        return None
    texts = [""]
    for span in line:
        is_marked = len(texts) % 2 == 0
        if span.is_changed == is_marked:
            texts[-1] += span.text
        else:
            texts.append(span.text)
    return texts


def _metric(change: MetricChange) -> dict[str, Any]:
    before, after = change.before, change.after
    verdict = "neutral" if before is None or after is None else judge_change(change.key, before, after)
    return {"key": change.key, "before": before, "after": after, "verdict": verdict}
