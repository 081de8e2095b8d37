"""A working directory for tests of the tracking API: empty, and untouched by the environment and by earlier tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import trackside
from trackside import settings
from trackside.notebook import session as notebook_session
from trackside.tracking import run as runs
from trackside.tracking import session
from trackside.tracking.outcome import FINISHED


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, where nothing of the environment or of earlier tests is tracked."""
    for name in {setting.name for setting in settings.ALL} - {settings.JOURNAL_DIR.name} | {
        "JPY_SESSION_NAME",
        "IPYNB_FILE",
    }:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    session.forget_experiment()
    yield tmp_path
    for run in runs.stacks.everything():
        runs.end_quietly(run, FINISHED)
    session.forget_experiment()
    current = notebook_session.current()
    if current is not None:
        current.stop()


@pytest.fixture
def script_environment(workspace: Path) -> dict[str, str]:
    """The environment of a program that is started in the workspace."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}


def run_here() -> trackside.Experiment:
    """Make a run and return the experiment that it went to."""
    with trackside.start_run() as run:
        pass
    return trackside.get_experiment(run.info.experiment_id)


def only_run() -> trackside.Run:
    """The run of the default experiment."""
    (run,) = trackside.search_runs(["0"], output_format="list")
    return run
