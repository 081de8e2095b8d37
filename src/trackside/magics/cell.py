"""``%%track``: the cell is a run.

An input transformer takes the magic's line for a line of the cell itself, and the rest of the cell stays as it is. So
all that IPython does with cells works as without the magic: tracebacks, ``await``, the last value, the namespace. The
run starts in that line and ends when IPython says that the cell has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside.errors import StoreError, TracksideError
from trackside.magics.arguments import Arguments, parse
from trackside.magics.grammar import CELL

if TYPE_CHECKING:
    from trackside.tracking.outcome import Outcome
    from trackside.tracking.run import ActiveRun

MAGIC = "%%track"
BEGIN = "__cell__"
"""The word behind which the transformer puts the cell's own words; nobody types it."""


@dataclass(slots=True)
class _Open:
    """A ``%%track`` cell that is being executed: its run, and what is to be undone when it ends."""

    run: ActiveRun | None = None
    stand_in: ExitStack = field(default_factory=ExitStack)


_open: list[_Open] = []
"""The innermost last."""


def transform(lines: list[str]) -> list[str]:
    """A cell that begins with ``%%track``, as a cell that begins its run itself; other cells as they are."""
    if not lines:
        return lines
    magic, _, words = lines[0].strip().partition(" ")
    if magic != MAGIC or len(lines) == 1:
        return lines
    from IPython.core.inputtransformer2 import cell_magic

    begin = f"get_ipython().run_line_magic('track', {f'{BEGIN} {words.strip()}'!r})\n"
    body = lines[1:]
    return [begin, *transform(cell_magic(body))]  # type: ignore[no-untyped-call]


def begin(parts: Sequence[str]) -> None:
    """Start the run of a cell. Where the store cannot be written, say so; the cell runs, and what it logs is lost."""
    from trackside.tracking import session
    from trackside.tracking.notices import say

    cell = _Open()
    _open.append(cell)
    arguments = parse(parts, CELL.allowed)
    try:
        cell.run = start(arguments)
    except StoreError as error:
        say(f"this cell is not tracked: {error.message}" + (f" ({error.hint})" if error.hint else ""))
        cell.stand_in.enter_context(session.throwaway_store())
        cell.run = start(arguments)


def start(arguments: Arguments, *, nested: bool | None = None) -> ActiveRun:
    """Start a run from a name, params (``key=value``), tags and a note; by default nested where a run is active."""
    from trackside.tracking import fluent
    from trackside.tracking.outcome import outcome_of
    from trackside.tracking.run import end

    inside = fluent.active_run() is not None if nested is None else nested
    note = arguments.option("--note")
    run = fluent.start_run(run_name=arguments.name, nested=inside, tags=arguments.pairs("--tag"), description=note)
    try:
        fluent.log_params(arguments.values)
    except TracksideError as error:
        end(run, outcome_of(error))
        raise
    return run


def end_cell(result: Any) -> None:
    """IPython's ``post_run_cell``: end the run of the cell, if it is one."""
    info = getattr(result, "info", None)
    if not _open or (info is not None and MAGIC not in str(info.raw_cell)):
        return
    cell = _open.pop()
    with cell.stand_in:
        if cell.run is not None:
            from trackside.tracking.run import end_quietly

            end_quietly(cell.run, _outcome_of(result))


def _outcome_of(result: Any) -> Outcome:
    from trackside.tracking.outcome import outcome_of

    if result is None:
        return outcome_of(KeyboardInterrupt())
    return outcome_of(result.error_before_exec or result.error_in_exec)
