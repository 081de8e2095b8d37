"""``%track diff``: a difference as HTML that is safe wherever its texts come from, and as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from trackside.errors import plain_lines
from trackside.tracking import difference_text
from trackside.tracking.difference_text import cell_title, count_cells, metric_line, near_changes, side_name

if TYPE_CHECKING:
    from trackside.notebook.difference import CellChange
    from trackside.notebook.text_difference import Line, LineChange
    from trackside.tracking.changes import TextChange
    from trackside.tracking.differences import RunDifference

_TONES = {
    "-": "color-mix(in srgb, var(--jp-error-color1, #c62828) 14%, transparent)",
    "+": "color-mix(in srgb, var(--jp-success-color1, #2e7d32) 16%, transparent)",
}
_ORDER = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE = "white-space: pre-wrap; overflow-wrap: anywhere; padding: 0 4px"
_CODE = (
    "border: 1px solid var(--jp-border-color2, #8886); font-family: var(--jp-code-font-family, monospace); "
    "font-size: var(--jp-code-font-size, 13px); margin: 2px 0 10px"
)


@dataclass(frozen=True, slots=True, repr=False)
class DifferenceReport:
    """A difference that shows as HTML or as text."""

    difference: RunDifference

    def __repr__(self) -> str:
        return plain_lines("\n".join(line.expandtabs(4) for line in difference_text.describe(self.difference)))

    def _repr_html_(self) -> str:
        found = self.difference
        head = f"<p><b>{escape(found.before.info.run_name)}</b> → <b>{escape(side_name(found))}</b></p>"
        return head + "".join(_sections(found)) + "".join(_cells(found))


def _sections(found: RunDifference) -> Iterator[str]:
    yield _section("metrics", [metric_line(change).split("  ", 1) for change in found.metrics])
    for title, changes in (
        ("params", found.params),
        ("environment", found.environment),
        ("packages", found.packages),
    ):
        yield _section(title, [_texts(change) for change in changes])


def _texts(change: TextChange) -> list[str]:
    return [change.key, " → ".join("(none)" if side is None else side for side in (change.before, change.after))]


def _section(title: str, rows: Sequence[Sequence[str]]) -> str:
    lines = "".join(f"<tr>{''.join(map(_table_cell, row))}</tr>" for row in rows)
    return f"<p><b>{title}</b></p><table><tbody>{lines}</tbody></table>" if rows else ""


def _table_cell(text: str) -> str:
    return f'<td style="text-align: left; white-space: pre-wrap; overflow-wrap: anywhere">{escape(text)}</td>'


def _cells(found: RunDifference) -> Iterator[str]:
    if found.cells is None:
        yield f"<p>cells: unknown, because {escape(found.missing)}</p>"
        return
    yield f"<p><b>cells</b>: {escape(count_cells(found.cells))}</p>"
    for change in found.cells:
        if not change.is_same:
            lines = "".join(_lines(change))
            yield f"<div>{escape(cell_title(change))}</div>" + (f'<div style="{_CODE}">{lines}</div>' if lines else "")


def _lines(change: CellChange) -> Iterator[str]:
    if change.kind in ("added", "removed"):
        sign, side = ("+", change.after) if change.after else ("-", change.before)
        yield from (_line(sign, _code(line)) for line in (side.source if side else "").splitlines())
        return
    for line in near_changes(change.lines):
        yield from _line_of_both(line)


def _line_of_both(line: LineChange | None) -> Iterator[str]:
    if line is None:
        yield _line(" ", "⋯")
    elif line.kind == "same":
        yield _line(" ", _marked(line.after, whole=True))
    else:
        is_whole = line.kind != "changed"
        if line.before is not None:
            yield _line("-", _marked(line.before, whole=is_whole))
        if line.after is not None:
            yield _line("+", _marked(line.after, whole=is_whole))


def _line(sign: str, marked: str) -> str:
    tone = f"; background: {_TONES[sign]}" if sign in _TONES else ""
    return f'<div style="{_LINE}{tone}">{sign} {marked}</div>'


def _code(text: str) -> str:
    """As HTML, with the characters as escapes that would show code in another order than it runs in."""
    return escape(_ORDER.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _marked(line: Line | None, *, whole: bool) -> str:
    """The words that changed are underlined, so that colours are not needed to see them."""
    parts = [(_code(span.text), span.is_changed and not whole) for span in line or ()]
    return "".join(f"<b><u>{text}</u></b>" if is_marked else text for text, is_marked in parts)
