"""Runs as CSV, with the columns that Databricks gives them.

``Run ID,Name,Source Type,Source Name,User,Status``, then a column for each param and one for each metric, by name. A
name that is a param's and a metric's has two columns. UTF-8, lines end with a line feed, quotes as in RFC 4180.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, TextIO

from trackside.errors import InvalidValueError

if TYPE_CHECKING:
    from trackside.entities import Run

FIXED_COLUMNS = ("Run ID", "Name", "Source Type", "Source Name", "User", "Status")

_USER, _SOURCE_TYPE, _SOURCE_NAME = "mlflow.user", "mlflow.source.type", "mlflow.source.name"
_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$|^$')
_FORMULA = re.compile(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20\t\r]")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

Cell = Callable[[str], str]


def write_csv(runs: Iterable[Run], target: str | Path | TextIO, *, safe_for_spreadsheets: bool = False) -> int:
    """Write runs as CSV in the order in which they come, and return how many there were.

    All runs are read before the first line is written, because the columns depend on the last one too; meanwhile they
    lie in a temporary file, so that memory holds one of them. What a run does not have is an empty cell, while an empty
    text is ``""``. A file is not touched before all runs were read. Metrics are written with all their digits, or as
    ``NaN``, ``Infinity``, ``-Infinity``.

    Args:
        runs: What to write.
        target: A path, or a text file opened with ``newline=""``.
        safe_for_spreadsheets: Put an apostrophe before texts that a spreadsheet would take for a formula; numbers,
            negative ones included, are left as they are.
    """
    cell = _safe_cell if safe_for_spreadsheets else _cell
    params: set[str] = set()
    metrics: set[str] = set()
    count = 0
    with TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="") as lines:
        for run in runs:
            params.update(run.data.params)
            metrics.update(run.data.metrics)
            lines.write(json.dumps(_row(run)) + "\n")
            count += 1
        with _opened(target) as file:
            file.writelines(_lines(lines, sorted(params), sorted(metrics), cell))
    return count


@contextmanager
def _opened(target: str | Path | TextIO) -> Iterator[TextIO]:
    if not isinstance(target, str | Path):
        yield target
        return
    try:
        file = Path(target).open("w", encoding="utf-8", newline="")  # noqa: SIM115 - the block below closes it
    except OSError as cause:
        raise InvalidValueError(f"the file {str(target)!r} cannot be written: {cause.strerror or cause}") from cause
    with file:
        yield file


def _row(run: Run) -> tuple[list[str | None], dict[str, str], dict[str, str]]:
    tags, info = run.data.tags, run.info
    source = tags.get(_SOURCE_TYPE), tags.get(_SOURCE_NAME)
    user = tags.get(_USER) or info.user_id
    numbers = {key: _number(value) for key, value in run.data.metrics.items()}
    return [info.run_id, info.run_name, *source, user, info.status.value], dict(run.data.params), numbers


def _lines(rows: IO[str], params: Sequence[str], metrics: Sequence[str], cell: Cell) -> Iterator[str]:
    yield ",".join(map(cell, (*FIXED_COLUMNS, *params, *metrics))) + "\n"
    rows.seek(0)
    for row in rows:
        fixed, texts, numbers = json.loads(row)
        cells = ["" if text is None else cell(text) for text in (*fixed, *map(texts.get, params))]
        yield ",".join([*cells, *(numbers.get(key, "") for key in metrics)]) + "\n"


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _safe_cell(text: str) -> str:
    return _cell("'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text)
