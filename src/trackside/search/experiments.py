"""What filters and orders of experiments mean, said in Python; conditions mean what they mean for runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside.search.matches import matches, places
from trackside.search.nodes import Field, Filter, Kind, OrderBy

if TYPE_CHECKING:
    from trackside.entities import Experiment

ID = Field(Kind.ATTRIBUTE, "experiment_id")
NEWEST_FIRST = (OrderBy(Field(Kind.ATTRIBUTE, "creation_time"), ascending=False), OrderBy(ID))


@dataclass(frozen=True, slots=True)
class ExperimentEvidence:
    """An experiment, to be asked for its fields."""

    experiment: Experiment

    def values(self, field: Field) -> list[str | float]:
        """The value of a field, if there is one."""
        value = self.experiment.experiment_id if field == ID else self.sort_value(field)
        return [] if value is None else [value]

    def sort_value(self, field: Field) -> str | float | None:
        """What the experiment is ordered by: ids as numbers."""
        if field.kind is Kind.TAG:
            return self.experiment.tags.get(field.key)
        if field == ID:
            return self.experiment.experiment_id.zfill(40)
        value: str | float | None = getattr(self.experiment, field.key)
        return value


def complete_order(order: Sequence[OrderBy]) -> tuple[OrderBy, ...]:
    """The order with what decides among equals: the id, the largest first. Without steps, the newest come first."""
    if not order:
        return NEWEST_FIRST
    return tuple(order) if any(step.field == ID for step in order) else (*order, OrderBy(ID, ascending=False))


def sort_key(order: Sequence[OrderBy]) -> Any:
    """The key by which ``sorted`` puts experiments into this order."""
    steps = complete_order(order)
    return lambda experiment: places(steps, ExperimentEvidence(experiment))


def select(
    experiments: Iterable[Experiment], wanted: Filter | None, order: Sequence[OrderBy], limit: int | None
) -> tuple[Experiment, ...]:
    """Those of the experiments that a filter finds, in order, and at most ``limit`` of them."""
    condition = wanted.condition if wanted else None
    found = [one for one in experiments if matches(condition, ExperimentEvidence(one))]
    return tuple(sorted(found, key=sort_key(order))[:limit])
