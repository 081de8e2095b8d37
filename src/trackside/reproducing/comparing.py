"""Two runs side by side: params must be the same, metrics the same within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside.entities import Metric, Run

_OF_THE_SYSTEM = "system/"
"""How MLflow's names of what it measures of the machine begin; they are never the same."""


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
class CurveComparison:
    """All points of a metric that both runs logged.

    Attributes:
        points_before: How many points the original has.
        points_after: How many the new run has.
        difference: The greatest relative difference of two points.
        step: Where that is.
    """

    points_before: int = 1
    points_after: int = 1
    difference: float = 0.0
    step: int = 0


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """The latest values of a metric; None on the side that does not have it.

    Attributes:
        tolerance: The relative difference that counts as the same.
        curve: The points before the latest.
    """

    key: str
    before: float | None
    after: float | None
    tolerance: float
    curve: CurveComparison = CurveComparison()

    @property
    def difference(self) -> float:
        """As `relative_difference`; infinite where one side does not have the metric."""
        if self.before is None or self.after is None:
            return math.inf
        return relative_difference(self.before, self.after)

    @property
    def is_same(self) -> bool:
        """Whether the values, and all points before them, are the same within the tolerance."""
        return self.is_same_at_last and self.is_same_before

    @property
    def is_same_at_last(self) -> bool:
        """Whether the latest values are the same within the tolerance."""
        return self.before is not None and self.after is not None and self.difference <= self.tolerance

    @property
    def is_same_before(self) -> bool:
        """Whether there are as many points, and all are the same within the tolerance."""
        curve = self.curve
        return curve.points_before == curve.points_after and curve.difference <= self.tolerance


@dataclass(frozen=True, slots=True)
class Comparison:
    """All params and metrics of two runs, by key."""

    params: tuple[ParamComparison, ...] = ()
    metrics: tuple[MetricComparison, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.differing

    @property
    def differing(self) -> tuple[str, ...]:
        """The keys of all that differs."""
        metrics = (one.key for one in self.metrics if not one.is_same)
        return (*metrics, *(one.key for one in self.params if not one.is_same))


def relative_difference(before: float, after: float) -> float:
    """Relative to the larger of the two; 0 where they are equal, NaN and infinities included."""
    if before == after or (math.isnan(before) and math.isnan(after)):
        return 0.0
    if not (math.isfinite(before) and math.isfinite(after)):
        return math.inf
    return abs(after - before) / max(abs(before), abs(after))


def compare_points(before: Sequence[Metric], after: Sequence[Metric]) -> CurveComparison:
    """Compare two histories step by step; points of one step have no order that a repetition would keep."""
    old, new = (sorted(points, key=_place) for points in (before, after))
    pairs = list(zip(old, new, strict=False)) if [one.step for one in old] == [one.step for one in new] else []
    told = [(relative_difference(one.value, other.value), one.step) for one, other in pairs]
    worst, step = max(told, key=lambda one: one[0], default=(0.0 if len(old) != len(new) else math.inf, 0))
    return CurveComparison(len(old), len(new), worst, step)


def _place(point: Metric) -> tuple[int, bool, float]:
    return point.step, math.isnan(point.value), point.value


def is_of_the_system(key: str) -> bool:
    """Whether a metric measures the machine and not the model."""
    return key.startswith(_OF_THE_SYSTEM)


def compare(
    before: Run,
    after: Run,
    tolerance: float,
    tolerances: Mapping[str, float],
    curves: Mapping[str, CurveComparison] | None = None,
) -> Comparison:
    """Compare what two runs logged; metrics of the system are left out.

    Args:
        before: The original.
        after: The new run.
        tolerance: Relative difference of metrics that counts as the same.
        tolerances: The same for single metrics.
        curves: How the histories of metrics compare, as far as they are known.
    """
    old, new = before.data, after.data
    known = curves or {}
    return Comparison(
        tuple(ParamComparison(key, old.params.get(key), new.params.get(key)) for key in _keys(old.params, new.params)),
        tuple(
            MetricComparison(
                *(key, old.metrics.get(key), new.metrics.get(key), tolerances.get(key, tolerance)),
                known.get(key, CurveComparison()),
            )
            for key in _keys(old.metrics, new.metrics)
            if not is_of_the_system(key)
        ),
    )


def most_alike(run: Run, others: Iterable[Run]) -> Run | None:
    """Of the runs that a notebook made, the one that repeats this run: same name, params, metrics, then the first."""
    ranked = sorted(others, key=lambda other: other.info.start_time or 0)
    return max(ranked, key=lambda other: likeness(run, other), default=None)


def likeness(run: Run, other: Run) -> tuple[int, int, int, int]:
    """How much another run looks like the same one again; the larger, the more."""
    same = run.data.params.items() & other.data.params.items()
    return (
        int(run.info.run_name == other.info.run_name),
        len(same) - len(run.data.params.items() ^ other.data.params.items()),
        len(run.data.metrics.keys() & other.data.metrics.keys()),
        -len(other.data.metrics.keys() - run.data.metrics.keys()),
    )


def _keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return sorted(before.keys() | after.keys())
