"""What commands write: tables that fit the terminal, and JSON."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trackside.errors import columns_of, plain

if TYPE_CHECKING:
    from trackside.entities import Experiment, Run

GAP = "  "
NARROWEST = 8
"""A column that has less room than this is left out."""


def say(text: str) -> None:
    """Write one line or several, with a blank for whatever a run says that would steer the terminal."""
    for line in text.split("\n"):
        sys.stdout.write(f"{plain(line.expandtabs(4))}\n")


def note(text: str) -> None:
    """Write one line beside the output, so that it is in no program's way."""
    sys.stderr.write(f"trackside: {plain(text)}\n")


def write_json(thing: Any) -> None:
    """Write a value as JSON. Numbers that JSON has not are the texts ``NaN``, ``Infinity`` and ``-Infinity``."""
    text = json.dumps(_for_json(thing), indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(f"{''.join(map(_as_json, text))}\n")


def write_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table, cut to the width of the terminal; nothing is cut where the output goes elsewhere."""
    lines = [[plain(cell) for cell in line] for line in (heads, *rows)]
    widths = _fit([max(map(columns_of, column)) for column in zip(*lines, strict=True)], line_width())
    for line in lines:
        cells = [_padded(cell, width) for cell, width in zip(line, widths, strict=False)]
        say(GAP.join(cells).rstrip())


def line_width() -> int | None:
    """How many columns a line may have, or None where it does not matter."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    return max(20, shutil.get_terminal_size().columns)


def run_to_json(run: Run) -> dict[str, Any]:
    """A run with all that was logged to it."""
    info, data = run.info, run.data
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "run_name": info.run_name,
        "user_id": info.user_id,
        "status": info.status.value,
        "lifecycle_stage": info.lifecycle_stage.value,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "artifact_uri": info.artifact_uri,
        "params": dict(data.params),
        "metrics": dict(data.metrics),
        "tags": dict(data.tags),
    }


def experiment_to_json(experiment: Experiment) -> dict[str, Any]:
    """An experiment with its tags."""
    return {
        "experiment_id": experiment.experiment_id,
        "name": experiment.name,
        "lifecycle_stage": experiment.lifecycle_stage.value,
        "creation_time": experiment.creation_time,
        "artifact_location": experiment.artifact_location,
        "tags": dict(experiment.tags),
    }


def show_time(time_ms: int | None) -> str:
    """Date and time here, to the second."""
    return "" if time_ms is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_ms / 1000))


def show_number(value: float | None) -> str:
    """Six digits."""
    return "" if value is None else f"{value:.6g}"


def show_duration(run: Run) -> str:
    """Such as ``3.2 s`` or ``1 h 05 min``; empty for a run that goes on."""
    start, end = run.info.start_time, run.info.end_time
    if start is None or end is None:
        return ""
    seconds = max(0.0, (end - start) / 1000)
    minutes = int(seconds // 60)
    if minutes == 0:
        return f"{seconds:.1f} s"
    return f"{minutes} min {int(seconds % 60):02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def show_bytes(size: float) -> str:
    """Such as ``12.3 MB``."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def _for_json(thing: Any) -> Any:
    if isinstance(thing, Mapping):
        return {key: _for_json(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_for_json(value) for value in thing]
    if isinstance(thing, float) and not math.isfinite(thing):
        return "NaN" if math.isnan(thing) else "Infinity" if thing > 0 else "-Infinity"
    return thing


def _as_json(char: str) -> str:
    """A character of a JSON text as a terminal may get it; what steers one stands only inside of texts."""
    return char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1]


def _fit(widths: Sequence[int], room: int | None) -> list[int]:
    """The widths of as many columns, from the left, as there is room for."""
    if room is None:
        return list(widths)
    fitting: list[int] = []
    for width in widths:
        given = min(width, room)
        if given < min(width, NARROWEST):
            break
        fitting.append(given)
        room -= given + len(GAP)
    return fitting


def _padded(text: str, width: int) -> str:
    if columns_of(text) > width:
        while columns_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - columns_of(text))
