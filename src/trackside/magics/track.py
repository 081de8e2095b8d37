"""The IPython side of the magics: documentation, and words handed to the functions that do the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from trackside.errors import (
    FilterError,
    InvalidValueError,
    StoreError,
    TracksideError,
    is_away,
    nearest,
    plain,
    plain_lines,
)
from trackside.magics import cell as cells
from trackside.magics.arguments import split
from trackside.magics.grammar import WORDS, help_text

_HELP = ("-h", "--help", "?")
Namespace = dict[str, Any]
Magic = TypeVar("Magic", bound=Callable[..., None])


def _documented(magic: Magic) -> Magic:
    magic.__doc__ = help_text()
    return magic


@magics_class
class TrackMagics(Magics):
    """Runs of experiments, tracked from a cell."""

    shell: Any
    _warned: tuple[int, set[str]] = (-1, set())
    """What was said of stores in a cell, and in which."""

    @line_cell_magic
    @_documented
    def track(self, line: str, cell: str | None = None) -> None:
        if cell is None:
            self._do(line)
        else:
            self._run_cell(line, cell)

    def _do(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        word = "help" if word in _HELP else word
        try:
            parts = [rest.strip()] if word in ("note", "search", "compare") else split(rest)
            if word == cells.BEGIN:
                cells.begin(parts)
            else:
                _find(word or "status")(parts, self.shell.user_ns)
        except StoreError as error:
            self._warn(error)
        except FilterError as error:  # shows the place, in lines of its own
            raise UsageError(plain_lines(str(error))) from None
        except TracksideError as error:
            raise UsageError(_one_line(error)) from None

    def _warn(self, error: StoreError) -> None:
        """Say one line; once in a cell that a store is away, whatever is asked of it."""
        from trackside.tracking import notices, session

        line, cell = _one_line(error), self.shell.execution_count
        if self._warned[0] != cell:
            self._warned = (cell, set())
        known, said = self._warned[1], session.get_tracking_uri() if is_away(error) else line
        if said not in known:
            known.add(said)
            notices.say(line)

    def _run_cell(self, line: str, cell: str) -> None:
        """A cell that reached IPython in another way than being typed, so that the transformer did not see it."""
        self.shell.run_cell(f"{cells.MAGIC} {line}\n{cell}")


def _find(word: str) -> Callable[[list[str], Namespace], object]:
    if word in WORDS:
        from trackside.magics import words

        found: Callable[[list[str], Namespace], object] = getattr(words, word)
        return found
    near = nearest(word, WORDS)
    hint = f"did you mean %track {near}?" if near else f"known words: {', '.join(WORDS)}"
    raise InvalidValueError(f"%track knows no word {word!r}", hint=hint)


def _one_line(error: TracksideError) -> str:
    text = f"{error.message} ({error.hint})" if error.hint else error.message
    return " ".join(plain(text).split())
