"""What counts as the same result, why it may not be, and how it is told."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from trackside.reproducing import kept, report
from trackside.reproducing.comparing import MetricComparison, compare, most_alike
from trackside.reproducing.reasons import Kind, Witnesses, find_reasons
from trackside.reproducing.verify import Verdict, Verification

from .reproducing_world import make_notebook, make_record, make_run

if TYPE_CHECKING:
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
