"""Runs to use the command line on, and what it answers."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

import trackside
from trackside.cli import main

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def runs() -> dict[str, str]:
    """A parent, its child and a run of another experiment: their ids by name."""
    with trackside.start_run(run_name="parent") as parent:
        trackside.log_params({"depth": 3, "model": "tree"})
        trackside.log_metrics({"acc": 0.93, "loss": math.nan})
        trackside.set_tag("stage", "draft")
        with trackside.start_run(run_name="child", nested=True) as child:
            trackside.log_metric("acc", 0.5)
    trackside.set_experiment("wine")
    with trackside.start_run(run_name="other") as other:
        trackside.set_note("about *it*")
    return {run.info.run_name: run.info.run_id for run in (parent, child, other)}


def run_json(capsys: Captured, *arguments: str) -> Any:
    """What a command that succeeds writes as JSON."""
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def names(capsys: Captured, *arguments: str) -> list[str]:
    return [run["run_name"] for run in run_json(capsys, *arguments)]
