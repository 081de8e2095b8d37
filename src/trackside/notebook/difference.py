"""What is different between two notebooks, cell by cell.

Outputs are not compared, nor the metadata that belongs to them or to the view; see `trackside.notebook.revision`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackside.notebook.cell_matching import Match, content_of, match_cells
from trackside.notebook.content import join_source
from trackside.notebook.revision import code_metadata, left_out_of
from trackside.notebook.text_difference import LineChange, compare_sources

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CellSide:
    """A cell as one notebook has it.

    Attributes:
        position: 1-based place in the notebook.
        id: The cell's id, or an empty text.
    """

    position: int
    id: str
    cell_type: str
    source: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell in both notebooks; None on the side that does not have it.

    Attributes:
        is_moved: Whether it stands in another place among the cells that both have.
        changed: What is different of a cell that both have: ``source``, ``type``, ``metadata``, ``attachments``.
        lines: The lines of both sides, where the source was changed.
    """

    before: CellSide | None
    after: CellSide | None
    is_moved: bool = False
    changed: tuple[str, ...] = ()
    lines: tuple[LineChange, ...] = ()

    @property
    def kind(self) -> str:
        """``same`` (it may have moved), ``changed``, ``added`` or ``removed``."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.changed else "same"

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to see."""
        return self.kind == "same" and not self.is_moved


def compare_notebooks(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[CellChange, ...]:
    """All cells of two nbformat 4 notebooks, in the order of ``after``; one that was removed stands where it was."""
    old, new = read_cells(before), read_cells(after)
    matches = match_cells(old, new)
    return tuple(_changes(old, new, matches))


def read_cells(notebook: Mapping[str, Any]) -> list[Cell]:
    """The cells of a notebook with their sources as one text, and of their metadata what belongs to the code.

    Attachments are None where some are left out, so that they cannot be compared.
    """
    return [
        {
            "id": cell.get("id", ""),
            "cell_type": cell.get("cell_type", "raw"),
            "source": join_source(cell.get("source")),
            "metadata": code_metadata(cell.get("metadata") or {}),
            "attachments": _attachments_of(cell),
        }
        for cell in notebook.get("cells", ())
    ]


def _attachments_of(cell: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if left_out_of(cell) or cell.get("attachments", {}) is None:
        return None
    return cell.get("attachments") or {}


def same_attachments(left: Cell, right: Cell) -> bool:
    """Whether two cells that were read have the same attachments, as far as they are known."""
    known = (left["attachments"], right["attachments"])
    return None in known or known[0] == known[1]


def _changes(old: Sequence[Cell], new: Sequence[Cell], matches: Sequence[Match]) -> Iterator[CellChange]:
    by_after = {match.after: match for match in matches}
    removed = _removed_after(old, matches)
    yield from (CellChange(_side(old, position), None) for position in removed.get(-1, ()))
    for position in range(len(new)):
        match = by_after.get(position)
        yield _compare_cell(old, new, match) if match else CellChange(None, _side(new, position))
        if match:
            yield from (CellChange(_side(old, gone), None) for gone in removed.get(match.before, ()))


def _removed_after(old: Sequence[Cell], matches: Sequence[Match]) -> dict[int, list[int]]:
    """The cells that only ``old`` has, by the cell above them that stayed in its place; -1 at the top."""
    staying = {match.before for match in matches if not match.is_moved}
    matched = {match.before for match in matches}
    removed: dict[int, list[int]] = {}
    anchor = -1
    for position in range(len(old)):
        anchor = position if position in staying else anchor
        if position not in matched:
            removed.setdefault(anchor, []).append(position)
    return removed


def _compare_cell(old: Sequence[Cell], new: Sequence[Cell], match: Match) -> CellChange:
    left, right = old[match.before], new[match.after]
    same_source = content_of(left)[1] == content_of(right)[1]
    found = {
        "source": not same_source,
        "type": left["cell_type"] != right["cell_type"],
        "metadata": left["metadata"] != right["metadata"],
        "attachments": not same_attachments(left, right),
    }
    return CellChange(
        _side(old, match.before),
        _side(new, match.after),
        match.is_moved,
        tuple(name for name, is_changed in found.items() if is_changed),
        () if same_source else compare_sources(left["source"], right["source"]),
    )


def _side(cells: Sequence[Cell], position: int) -> CellSide:
    cell = cells[position]
    return CellSide(position + 1, str(cell["id"] or ""), str(cell["cell_type"]), cell["source"])
