"""Which cell of a notebook each execution belongs to, and where cells go that are no longer in it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside.notebook.content import Cell
    from trackside.notebook.history import Execution


@dataclass(slots=True, eq=False)
class Layer:
    """The executions of one cell.

    Attributes:
        position: Index of the cell in the notebook, or None where the notebook does not have it.
        after: The layer that was executed before this one for the first time.
    """

    position: int | None
    after: Layer | None
    executions: list[Execution] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The cell as it was executed last."""
        return self.executions[-1].source


class Matcher:
    """Finds the cell of each execution: by the cell's id, else by the source, in notebook order.

    Front ends without cell ids (nbclient, papermill, consoles) are followed by the source: the next cell below the
    one executed before that has the same source, else the first one from the top.
    """

    def __init__(self, cells: Sequence[Cell], executions: Sequence[Execution]) -> None:
        code = [(position, cell) for position, cell in enumerate(cells) if cell["cell_type"] == "code"]
        self._by_id = {cell["id"]: position for position, cell in code}
        self._by_source: dict[str, list[int]] = defaultdict(list)
        for position, cell in code:
            self._by_source[comparable(cell["source"])].append(position)
        self._claimed = {self._by_id[run.cell_id] for run in executions if run.cell_id in self._by_id}
        self._layers: dict[object, Layer] = {}
        self._last: Layer | None = None
        for execution in executions:
            self._add(execution)

    @property
    def layers(self) -> list[Layer]:
        """One layer for each cell that was executed, in the order of their first execution."""
        return list(self._layers.values())

    def _add(self, execution: Execution) -> None:
        position, key = self._find(execution)
        layer = self._layers.get(key)
        if layer is None:
            layer = self._layers[key] = Layer(position, self._last)
        if execution.cell_id is not None:
            self._layers.setdefault(("id", execution.cell_id), layer)
        layer.executions.append(execution)
        self._last = layer

    def _find(self, execution: Execution) -> tuple[int | None, object]:
        """The cell's position, and a key that all executions of the cell share."""
        cell_id = execution.cell_id
        if cell_id is not None and cell_id in self._by_id:
            return self._by_id[cell_id], self._by_id[cell_id]
        if ("id", cell_id) in self._layers:
            return None, ("id", cell_id)
        position = self._find_by_source(execution)
        if position is not None:
            return position, position
        return None, ("id", cell_id) if cell_id is not None else ("run", execution.number)

    def _find_by_source(self, execution: Execution) -> int | None:
        positions = self._by_source.get(comparable(execution.source), [])
        if execution.cell_id is not None:
            positions = [position for position in positions if position not in self._claimed]
        if not positions:
            return None
        cursor = -1 if self._last is None or self._last.position is None else self._last.position
        following = bisect_right(positions, cursor)
        return positions[following if following < len(positions) else 0]


def comparable(source: str) -> str:
    """A source without the differences that front ends make on their way from the file to the kernel."""
    return source.replace("\r\n", "\n").strip()


def merge_order(count: int, layers: Iterable[Layer]) -> Iterator[int | Layer]:
    """Puts the layers that the notebook does not have between its cells.

    Args:
        count: How many cells the notebook has.
        layers: All layers, in the order of their first execution.

    Yields:
        Positions of the notebook's cells in order, and each missing cell directly after the one executed before it.
    """
    followers: dict[int | Layer | None, list[Layer]] = defaultdict(list)
    for layer in layers:
        if layer.position is None:
            before = layer.after
            followers[before if before is None or before.position is None else before.position].append(layer)
    yield from _chain(followers, None)
    for position in range(count):
        yield position
        yield from _chain(followers, position)


def _chain(followers: dict[int | Layer | None, list[Layer]], start: int | None) -> Iterator[Layer]:
    waiting = followers.get(start, [])[::-1]
    while waiting:
        layer = waiting.pop()
        yield layer
        waiting.extend(followers.get(layer, [])[::-1])
