"""Two runs side by side: params must be the same, metrics the same within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside.entities import Run


@dataclass(frozen=True, slots=True)
class ParamComparison:
    """A param of the original and of the new run; None on the side that does not have it."""

    key: str
    before: str | None
    after: str | None

    @property
    def is_same(self) -> bool:
        """Whether both runs have it with the same value."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """The latest values of a metric; None on the side that does not have it.

    Attributes:
        tolerance: The relative difference that counts as the same.
    """

    key: str
    before: float | None
    after: float | None
    tolerance: float

    @property
    def difference(self) -> float:
        """Relative to the larger of the two; 0 where they are equal, NaN and infinities included."""
        before, after = self.before, self.after
        if before is None or after is None:
            return math.inf
        if before == after or (math.isnan(before) and math.isnan(after)):
            return 0.0
        if not (math.isfinite(before) and math.isfinite(after)):
            return math.inf
        return abs(after - before) / max(abs(before), abs(after))

    @property
    def is_same(self) -> bool:
        """Whether the values are the same within the tolerance."""
        return self.before is not None and self.after is not None and self.difference <= self.tolerance


@dataclass(frozen=True, slots=True)
class Comparison:
    """All params and metrics of two runs, by key."""

    params: tuple[ParamComparison, ...] = ()
    metrics: tuple[MetricComparison, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return all(one.is_same for one in self.params) and all(one.is_same for one in self.metrics)


def compare(before: Run, after: Run, tolerance: float, tolerances: Mapping[str, float]) -> Comparison:
    """Compare what two runs logged."""
    old, new = before.data, after.data
    return Comparison(
        tuple(ParamComparison(key, old.params.get(key), new.params.get(key)) for key in _keys(old.params, new.params)),
        tuple(
            MetricComparison(key, old.metrics.get(key), new.metrics.get(key), tolerances.get(key, tolerance))
            for key in _keys(old.metrics, new.metrics)
        ),
    )


def most_alike(run: Run, others: Iterable[Run]) -> Run | None:
    """Of the runs that a notebook made, the one that repeats this run: same name, params, metrics, then the first."""
    ranked = sorted(others, key=lambda other: other.info.start_time or 0)
    return max(ranked, key=lambda other: _likeness(run, other), default=None)


def _likeness(run: Run, other: Run) -> tuple[int, int, int, int]:
    same = run.data.params.items() & other.data.params.items()
    return (
        int(run.info.run_name == other.info.run_name),
        len(same) - len(run.data.params.items() ^ other.data.params.items()),
        len(run.data.metrics.keys() & other.data.metrics.keys()),
        -len(other.data.metrics.keys() - run.data.metrics.keys()),
    )


def _keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return sorted(before.keys() | after.keys())
