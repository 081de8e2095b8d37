"""The list's lines: runs in their order, children below their parents, without what is folded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trackside.stores.base import Outline
    from trackside.widgets.query import Fold, Window


@dataclass(frozen=True, slots=True)
class Line:
    """A run in its place. ``is_found`` is False for one that only stands there because of what is below it."""

    run_id: str
    depth: int = 0
    children: int = 0
    is_folded: bool = False
    is_found: bool = True


@dataclass(slots=True)
class Lines:
    """All lines of a list.

    Attributes:
        ids: The runs, line by line.
        missing: How many lines there are behind these, of runs that were not looked for yet.
        depths: How deep the nested runs are; what is not in there is not nested.
        children: How many runs lie directly below a run, folded or not.
        folded: The runs whose children are not among the lines.
        unfound: The runs that are only there because of what is below them.
    """

    ids: Sequence[str]
    missing: int = 0
    depths: Mapping[str, int] = field(default_factory=dict)
    children: Mapping[str, int] = field(default_factory=dict)
    folded: frozenset[str] = frozenset()
    unfound: frozenset[str] = frozenset()
    _places: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids) + self.missing

    def part(self, start: int, stop: int) -> list[Line]:
        """The lines from ``start`` up to ``stop``."""
        return [self._line(run_id) for run_id in self.ids[start:stop]]

    def find(self, run_id: str) -> int | None:
        """The line that a run is on."""
        if not self._places:
            self._places.update((run_id, line) for line, run_id in enumerate(self.ids))
        return self._places.get(run_id)

    def start_of(self, window: Window) -> int:
        """Where a window begins now, after its anchor may have moved, and never so late that it is empty."""
        line = self.find(window.anchor) if window.anchor else None
        moved = 0 if line is None else line - window.anchor_line
        return max(0, min(window.offset + moved, len(self) - 1))

    def _line(self, run_id: str) -> Line:
        is_found = run_id not in self.unfound
        children = self.children.get(run_id, 0)
        return Line(run_id, self.depths.get(run_id, 0), children, run_id in self.folded, is_found)


def arrange(outline: Outline, fold: Fold) -> Lines:
    """The lines of what was found; ancestors that were not found stand above what was."""
    missing = outline.total - len(outline.ids)
    if not outline.parents:
        return Lines(outline.ids, missing)
    children = _families(outline)
    lines: list[str] = []
    depths: dict[str, int] = {}
    folded: set[str] = set()
    for run_id, depth in _walk(children, fold):
        lines.append(run_id)
        if depth:
            depths[run_id] = depth
        if run_id in children and fold.hides(run_id):
            folded.add(run_id)
    counts = {parent: len(below) for parent, below in children.items() if parent}
    unfound = frozenset(counts).difference(outline.ids)
    return Lines(lines, missing, depths, counts, frozenset(folded), unfound)


def _families(outline: Outline) -> dict[str, list[str]]:
    """The children of each parent, in order; topmost runs are those of the parent ``""``."""
    children: dict[str, list[str]] = {}
    placed: set[str] = set()
    for found in outline.ids:
        run_id, way = found, {found}
        while run_id not in placed:
            parent = outline.parents.get(run_id, "")
            if parent in way:  # a run that is its own ancestor stands for itself
                parent = ""
            children.setdefault(parent, []).append(run_id)
            placed.add(run_id)
            if not parent:
                break
            way.add(parent)
            run_id = parent
    return children


def _walk(children: Mapping[str, list[str]], fold: Fold) -> Iterator[tuple[str, int]]:
    """The runs from top to bottom, with their depth."""
    pending = [(run_id, 0) for run_id in reversed(children.get("", []))]
    while pending:
        run_id, depth = pending.pop()
        yield run_id, depth
        if run_id in children and not fold.hides(run_id):
            pending += ((child, depth + 1) for child in reversed(children[run_id]))
