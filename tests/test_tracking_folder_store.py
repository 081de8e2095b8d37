"""Runs of a clone go beside the original's, unless somebody says otherwise."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trackside.cli import main
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import Options, reproduce_run
from trackside.settings import FOLDER_FILE
from trackside.stores.base import RunQuery
from trackside.stores.uri import open_store
from trackside.tracking import folder_store

from .interop.mlflow_kernels import Mlflow, newest_mlflow, start_mlflow_kernel
from .reproducing_world import make_run

RUNS = """
import mlflow, trackside
with mlflow.start_run(run_name="theirs"): pass
with trackside.start_run(run_name="ours"): pass
"""


def clone(folder: Path, *, own_store: bool = False) -> Path:
    """The folder of a clone; the original lies in the store of the working directory."""
    store, run = make_run()
    options = Options(folder=folder, environment=False, own_store=own_store)
    return reproduce_run(store, run, options, Progress()).folder


def names_in(database: Path) -> set[str]:
    store = open_store(f"sqlite:///{database}")
    ids = tuple(one.experiment_id for one in store.list_experiments())
    return {run.info.run_name for run in store.search_runs(RunQuery(ids))}


def test_runs_of_a_clone_are_found_beside_the_original(workspace: Path) -> None:
    """R7.2: those of MLflow too."""
    folder = clone(workspace / "clone")
    with start_mlflow_kernel(folder, dict(os.environ)) as kernel:
        answer = kernel.run(RUNS)
        assert answer.status == "ok", answer.error
    assert not (folder / "mlflow.db").exists()
    assert {"theirs", "ours", "first"} <= names_in(workspace / "mlflow.db")


def test_whoever_chooses_another_store_gets_it(workspace: Path) -> None:
    """R7.2: by the environment, and with own_store by saying so when the clone is made."""
    folder = clone(workspace / "clone")
    variables = {"MLFLOW_TRACKING_URI": f"sqlite:///{workspace}/other.db"}
    with start_mlflow_kernel(folder, dict(os.environ), mlflow=Mlflow("own", newest_mlflow().python, variables)) as own:
        assert own.run("import trackside\nwith trackside.start_run(run_name='there'): pass").status == "ok"
    assert names_in(workspace / "other.db") == {"there"}
    assert not (clone(workspace / "alone", own_store=True) / FOLDER_FILE).exists()


def test_a_terminal_in_the_folder_of_a_clone_sees_the_runs_too(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R3.5"""
    folder = clone(workspace / "clone")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.chdir(folder)
    assert main(["list"]) == 0
    assert "first" in capsys.readouterr().out
    assert main(["list", "--uri", "sqlite:///mlflow.db"]) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        json.dumps({"tracking_uri": 3}),
        json.dumps({"tracking_uri": "http://127.0.0.1:9"}),
        json.dumps({"tracking_uri": "sqlite:////no/such/place.db"}),
        json.dumps({"tracking_uri": "sqlite:///:memory:"}),
        "\xff" * 20_000,
    ],
)
def test_a_folder_that_names_no_database_of_this_machine_changes_nothing(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad input: folders come from anywhere, and no folder makes a kernel talk to a server."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    (tmp_path / FOLDER_FILE).write_text(content, encoding="latin-1")
    folder_store.follow(tmp_path)
    assert os.environ["MLFLOW_TRACKING_URI"] == ""
