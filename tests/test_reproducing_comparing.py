"""What counts as the same result, why it may not be, and how it is told."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from trackside.entities import Metric, Tag
from trackside.reproducing import kept, report
from trackside.reproducing.comparing import MetricComparison, compare, compare_points, most_alike
from trackside.reproducing.nested import NestedComparison, pairs_below
from trackside.reproducing.reasons import Kind, Witnesses, find_reasons
from trackside.reproducing.verify import Verdict, Verification

from .reproducing_world import make_notebook, make_record, make_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trackside.entities import Run

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "is_same"),
    [
        (1.0, 1.0, 0.0, True),
        (0.0, 0.0, 0.0, True),
        (1.0, 1.0 + 1e-7, 1e-6, True),
        (1.0, 1.0 + 1e-5, 1e-6, False),
        (-1.0, 1.0, 1e-6, False),
        (0.0, 1e-300, 1e-6, False),
        (NAN, NAN, 0.0, True),
        (INF, INF, 0.0, True),
        (INF, -INF, 1e9, False),
        (NAN, 1.0, 1e9, False),
        (1.0, INF, 1e9, False),
        (None, 1.0, 1e9, False),
        (1.0, None, 1e9, False),
        (1e308, -1e308, 1.9, False),
    ],
)
def test_metrics_are_the_same_within_a_relative_tolerance(
    before: float | None, after: float | None, tolerance: float, is_same: bool
) -> None:
    """R7.3: NaN and infinities are equal to themselves."""
    assert MetricComparison("x", before, after, tolerance).is_same is is_same


def test_params_must_be_the_same_and_each_metric_has_its_own_tolerance(workspace: Path) -> None:
    """R7.3"""
    _, before = make_run(params={"a": "1", "b": "x"}, metrics={"loss": 1.0, "time": 3.0})
    _, after = make_run(params={"a": "1", "b": "x"}, metrics={"loss": 1.0, "time": 4.0})
    assert not compare(before, after, 1e-6, {}).is_same
    assert compare(before, after, 1e-6, {"time": 0.5}).is_same
    _, other = make_run(params={"a": "1.0", "c": "x"}, metrics={"loss": 1.0, "time": 3.0})
    found = compare(before, other, 1e-6, {})
    assert [(one.key, one.before, one.after) for one in found.params if not one.is_same] == [
        ("a", "1", "1.0"),
        ("b", "x", None),
        ("c", None, "x"),
    ]


def test_of_several_new_runs_the_one_that_repeats_the_original_is_compared(workspace: Path) -> None:
    """R7.3: a notebook may log many runs."""
    _, original = make_run(name="wise-otter-1", params={"depth": "3"}, metrics={"loss": 1.0})
    others = [make_run(name=f"new-{depth}", params={"depth": depth}, metrics={"loss": 9.0})[1] for depth in "234"]
    assert most_alike(original, others) == others[1]
    _, named = make_run(name="wise-otter-1", params={"depth": "9"})
    assert most_alike(original, [*others, named]) == named
    assert most_alike(original, []) is None


def points(*values: float, steps: Sequence[int] | None = None) -> list[Metric]:
    return [Metric("x", value, 0, step) for step, value in zip(steps or range(len(values)), values, strict=True)]


def curve(before: list[Metric], after: list[Metric], tolerance: float = 1e-6) -> tuple[bool, str]:
    metric = MetricComparison("x", before[-1].value, after[-1].value, tolerance, compare_points(before, after))
    return metric.is_same, report.show_difference(metric)


def test_all_points_of_a_metric_are_compared_and_not_only_the_latest() -> None:
    """R7.3: a curve that ends alike may have been another one before."""
    assert curve(points(1, NAN, 3), points(1, NAN, 3)) == (True, "equal")
    assert curve(points(1, 2, 3), points(1, 4, 3)) == (False, "the same at last, 0.5 relative at step 1")
    assert curve(points(1, 2, 3), points(1, 4, 3), 0.5) == (True, "5.0e-01, within 0.5")
    assert curve(points(1, 2, 3), points(2, 3)) == (False, "the same at last, of 3 and 2 points")
    assert curve(points(1, NAN, 3), points(1, 2, 3)) == (False, "the same at last, before that not comparable")
    assert not curve(points(1, 2, steps=(0, 5)), points(1, 2, steps=(0, 6)))[0]
    assert curve(points(1, 2, 3, steps=(0, 0, 0)), points(2, 1, 3, steps=(0, 0, 0)))[0]
    assert curve(points(1, 2), points(1, 3)) == (False, "0.333 relative")


def test_what_is_measured_of_the_machine_is_not_compared(workspace: Path) -> None:
    """R7.3: it is another at each moment."""
    before, after = (make_run(metrics={"loss": 1.0, "system/cpu": cpu})[1] for cpu in (3.0, 9.0))
    assert [one.key for one in compare(before, after, 0.0, {}).metrics] == ["loss"]


def test_nested_runs_are_compared_with_those_that_repeat_them(workspace: Path) -> None:
    """R7.3: by name, params and metrics; what only one side has is told; cycles end."""
    store, before = make_run(name="sweep")
    _, after = make_run(name="sweep")

    def child(parent: Run, depth: str) -> Run:
        tags = {"mlflow.parentRunId": parent.info.run_id}
        return make_run(name=f"child {depth}", params={"depth": depth}, tags=tags)[1]

    old = [child(before, depth) for depth in "123"]
    new = [child(after, depth) for depth in "214"]
    deep = child(old[0], "9"), child(new[1], "9")
    pairs = [tuple(run and run.data.params["depth"] for run in pair) for pair in pairs_below(store, before, after)]
    assert pairs[-1] == ("9", "9")
    assert sorted(pairs) == [("1", "1"), ("2", "2"), ("3", "4"), ("9", "9")]
    told = [NestedComparison("x", *ids).is_same for ids in (("a", "b"), ("a", None), (None, "b"))]
    assert told == [True, False, False]
    store.log_batch(deep[0].info.run_id, tags=[Tag("mlflow.parentRunId", deep[0].info.run_id)])
    assert len(list(pairs_below(store, store.get_run(deep[0].info.run_id), deep[1]))) == 1


def environment(**parts: Any) -> kept.KeptEnvironment:
    return kept.KeptEnvironment(make_record(**parts), "", "")


def reasons(before: Run, after: Run, old: Any, new: Any, *sources: str) -> dict[Kind, str]:
    found = find_reasons(Witnesses(before, after, old, new, make_notebook(*sources)))
    assert found
    told: dict[Kind, str] = {}
    for one in reversed(found):
        told[one.kind] = one.text
    return told


def test_reasons_come_from_what_is_seen(workspace: Path) -> None:
    """R7.5: seeds, threads, library versions, data, partitions."""
    tags = [{"trackside.input.data.csv": json.dumps({"path": "data.csv", "sha256": sha, "bytes": 1})} for sha in "ab"]
    (_, before), (_, after) = (make_run(tags=one) for one in tags)
    old = environment(distributions=[{"name": "numpy", "version": "1.26.4"}], variables={"OMP_NUM_THREADS": "1"})
    new = environment(distributions=[{"name": "numpy", "version": "2.0.0"}])
    told = reasons(before, after, old, new, "import sklearn", "fit(n_jobs=4)")
    assert "data.csv" in told[Kind.DATA]
    assert "No random seed is set" in told[Kind.SEED]
    assert "numpy 1.26.4 → 2.0.0" in told[Kind.LIBRARIES]
    assert "OMP_NUM_THREADS" in told[Kind.THREADS]
    assert Kind.PYTHON not in told

    timed = Witnesses(before, after, old, new, make_notebook(), ("fit_seconds", "loss"))
    assert [one.text.split(": ")[1] for one in find_reasons(timed) if one.kind is Kind.TIME] == ["fit_seconds."]
    assert Kind.TIME not in told
    told = reasons(before, before, environment(), None, "import pyspark", "np.random.seed(3)")
    assert Kind.DATA not in told
    assert "numpy=3" in told[Kind.SEED]
    assert "no environment" in told[Kind.LIBRARIES]
    assert "Spark" in told[Kind.ORDER]


def test_the_report_tells_all_and_what_runs_contain_stays_text(workspace: Path) -> None:
    """R7.3: as page, Markdown and JSON; NaN and infinities included."""
    hostile = "<script>alert(1)</script>|*x*"
    _, before = make_run(name=hostile, params={"tag": hostile}, metrics={"loss": 1.0, "gain": INF, "none": NAN})
    _, after = make_run(params={"tag": "2"}, metrics={"loss": 1.5, "gain": INF})
    comparison = compare(before, after, 1e-6, {})
    verification = Verification(Verdict.DIFFERENT, after.info.run_id, "", comparison, (), report.PAGE)
    files = report.write(before, verification)
    assert set(files) == {f"reproduction/report.{kind}" for kind in ("html", "md", "json")}
    assert "<script" not in files["reproduction/report.html"]
    assert "&lt;script&gt;" in files["reproduction/report.html"]
    assert "<script" not in files["reproduction/report.md"]
    for kind in ("html", "md"):
        assert f"trackside diff {before.info.run_id} {after.info.run_id}" in files[f"reproduction/report.{kind}"]
    told = json.loads(files["reproduction/report.json"])
    assert told["verdict"] == "different"
    assert told["reproduces"] == before.info.run_id
    metrics = {one["key"]: one for one in told["metrics"]}
    assert metrics["gain"]["before"] == "Infinity"
    assert metrics["gain"]["is_same"] is True
    assert metrics["none"]["before"] == "NaN"
    assert metrics["loss"]["relative_difference"] == pytest.approx(1 / 3)
    assert "1 of 1 params and 2 of 3 metrics differ" in report.summary(verification)
    assert list(report.lines(verification))[1:] == [
        "Metrics:",
        "  loss: 1.0 → 1.5 (0.333 relative)",
        "  none: nan → nothing (only in the original)",
        "Params:",
        f"  tag: {hostile} → 2",
    ]
