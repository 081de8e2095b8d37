"""What a view of the panel asks for: which runs, in which order, which of them are in sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage
from trackside.errors import FilterError, InvalidValueError
from trackside.search import parse_filter, parse_order
from trackside.stores.base import RunQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside.search.nodes import Field

MAX_WINDOW = 1000
STAGES = {
    "active": (LifecycleStage.ACTIVE,),
    "deleted": (LifecycleStage.DELETED,),
    "all": (LifecycleStage.ACTIVE, LifecycleStage.DELETED),
}


@dataclass(frozen=True, slots=True)
class Query:
    """Which runs, in which order, in the words of ``trackside.search_runs``.

    Attributes:
        filter: The filter's text.
        order: The order's steps, as ``metrics.acc DESC``; without any, newest first.
        state: ``active``, ``deleted`` or ``all``.
        experiments: Their ids, or None for the one that the notebook's next run goes to.
    """

    filter: str = ""
    order: tuple[str, ...] = ()
    state: str = "active"
    experiments: tuple[str, ...] | None = None

    def read(self, experiment_id: str | None) -> RunQuery:
        """The query as stores take it.

        Args:
            experiment_id: The experiment where none is named, or None where that one does not exist yet.

        Raises:
            FilterError: The filter or the order cannot be read.
            InvalidValueError: The order names something twice.
        """
        own = () if experiment_id is None else (experiment_id,)
        return RunQuery(
            own if self.experiments is None else self.experiments,
            STAGES[self.state],
            filter=parse_filter(self.filter),
            order_by=parse_order(self.order),
        )


@dataclass(frozen=True, slots=True)
class Fold:
    """Which runs hide those below them: all but ``excepted``, or none but these."""

    all: bool = False
    excepted: frozenset[str] = frozenset()

    def hides(self, run_id: str) -> bool:
        """Whether what lies below this run is not shown."""
        return self.all != (run_id in self.excepted)


@dataclass(frozen=True, slots=True)
class Window:
    """The lines in sight: ``limit`` of them from ``offset`` on.

    The window moves along with the run ``anchor``, which was at ``anchor_line`` when it was last seen.
    """

    offset: int = 0
    limit: int = 20
    anchor: str = ""
    anchor_line: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """All that a view asks for. ``columns`` is None where the kernel chooses what tells the runs apart."""

    query: Query = Query()
    fold: Fold = Fold()
    window: Window = Window()
    columns: tuple[str, ...] | None = None
    open: tuple[str, ...] = field(default=())


def read_watch(data: Mapping[str, Any]) -> Watch:
    """The data of ``runs.watch``."""
    columns = data.get("columns")
    return Watch(
        query=read_query(data["query"]),
        fold=read_fold(data.get("fold") or {}),
        window=_read_window(data["window"]),
        columns=None if columns is None else texts_of("columns", columns),
        open=texts_of("open", data["open"]),
    )


def read_query(data: Mapping[str, Any]) -> Query:
    """A ``RunsQuery``. Raises InvalidValueError."""
    experiments = data.get("experiments")
    state = data.get("state", "active")
    if state not in STAGES:
        raise InvalidValueError(f"the state of runs is active, deleted or all, not {state!r:.80}")
    return Query(
        filter=_text("filter", data.get("filter", "")),
        order=texts_of("order", data.get("order", [])),
        state=state,
        experiments=None if experiments is None else texts_of("experiments", experiments),
    )


def read_fold(data: Mapping[str, Any]) -> Fold:
    """A ``Fold``. Raises InvalidValueError."""
    return Fold(data.get("all") is True, frozenset(texts_of("except", data.get("except", []))))


def _read_window(data: Mapping[str, Any]) -> Window:
    anchor = data.get("anchor") or {}
    return Window(
        offset=max(0, _number("offset", data.get("offset", 0))),
        limit=max(1, min(MAX_WINDOW, _number("limit", data.get("limit", Window().limit)))),
        anchor=_text("run_id", anchor.get("run_id", "")),
        anchor_line=_number("line", anchor.get("line", 0)),
    )


@lru_cache(maxsize=512)
def read_column(text: str) -> Field | None:
    """What a column shows, named as in an order; None for a text that names nothing."""
    try:
        return parse_order([text])[0].field
    except FilterError:
        return None


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValueError(f"{name!r} must be a whole number, not {value!r:.80}")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValueError(f"{name!r} must be a text, not {value!r:.80}")
    return value


def texts_of(name: str, values: object) -> tuple[str, ...]:
    """A list of texts. Raises InvalidValueError."""
    if not isinstance(values, list | tuple):
        raise InvalidValueError(f"{name!r} must be a list of texts, not {values!r:.80}")
    return tuple(_text(name, value) for value in values)
