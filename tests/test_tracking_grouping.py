"""Runs in groups, with mean and spread."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

import pytest

import trackside
from trackside.errors import FilterError, InvalidValueError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sweep(workspace: Path) -> list[float]:
    """Two rates with three seeds each below a parent without params; the scores of the first rate."""
    scores = []
    with trackside.start_run(run_name="sweep"):
        for rate in ("0.1", "it's\nodd \\ \""):
            for seed in range(3):
                with trackside.start_run(nested=True, tags={"color": "red"}):
                    trackside.log_params({"rate": rate, "seed": seed, "same": 1})
                    score = seed / 3 if rate == "0.1" else math.nan
                    trackside.log_metrics({"score": score, "bad": math.inf if seed else 1.0})
                    scores.append(score)
    return scores[:3]


def test_runs_that_differ_in_their_seed_only_are_one_group(sweep: list[float]) -> None:
    """R4.3: all but seed; what is the same everywhere is not told."""
    groups = {group.values["params.rate"]: group for group in trackside.group_runs(all_but="params.seed")}
    assert {value: list(group.values) for value, group in groups.items()}.keys() == {"0.1", "it's\nodd \\ \"", None}
    assert all(list(group.values) == ["params.rate"] for group in groups.values())
    score = groups["0.1"].metrics["score"]
    assert (score.count, score.low, score.high) == (3, 0.0, 2 / 3)
    assert score.mean == pytest.approx(statistics.mean(sweep))
    assert score.deviation == pytest.approx(statistics.stdev(sweep))


def test_values_that_are_no_numbers_have_no_mean(sweep: list[float]) -> None:
    """R4.3: NaN and infinity are left out; one value has no spread."""
    groups = {group.values["params.rate"]: group for group in trackside.group_runs(["params.rate"])}
    odd = groups["it's\nodd \\ \""]
    assert "score" not in odd.metrics
    assert (odd.metrics["bad"].count, odd.metrics["bad"].deviation) == (1, None)
    assert groups[None].metrics == {}


def test_a_groups_filter_finds_its_runs(sweep: list[float]) -> None:
    """R4.3, R8.1: also where values are awkward or missing."""
    for names in (["params.rate"], ["params.rate", "tags.color"], ["status"]):
        groups = trackside.group_runs(names)
        assert [len(group.run_ids) for group in groups] == sorted(
            (len(group.run_ids) for group in groups), reverse=True
        )
        for group in groups:
            found = trackside.search_runs(filter_string=group.filter, output_format="list")
            assert {run.info.run_id for run in found} == set(group.run_ids)


def test_what_cannot_be_grouped_by_is_refused(workspace: Path) -> None:
    """R4.3"""
    with pytest.raises(InvalidValueError, match="either by or all_but"):
        trackside.group_runs()
    with pytest.raises(InvalidValueError, match=r"cannot be grouped by metrics\.score"):
        trackside.group_runs("metrics.score")
    with pytest.raises(FilterError):
        trackside.group_runs("params.")
    assert trackside.group_runs("params.rate", filter_string="params.rate = '1'") == []
