"""The example notebooks, executed as they are, in kernels that load Trackside by themselves."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

import trackside
from trackside.tracking.session import current_store

from .kernels import execute

EXAMPLES = Path(__file__).parents[1] / "example_notebooks"
EPOCHS = 40


@pytest.fixture
def environment(workspace: Path, script_environment: dict[str, str]) -> dict[str, str]:
    """Where the examples run: what they register and make on the machine stays in the workspace."""
    own = {
        "IPYTHONDIR": workspace / "ipython",
        "JUPYTER_DATA_DIR": workspace / "jupyter",
        "TRACKSIDE_ENVIRONMENTS_DIR": workspace / "environments",
    }
    return {**script_environment, **{name: str(path) for name, path in own.items()}}


def run_example(name: str, workspace: Path, environment: dict[str, str]) -> list[trackside.Run]:
    """Run an example from top to bottom; returns all runs that it made, the latest first."""
    notebook = Path(shutil.copy(EXAMPLES / name, workspace))
    command = (sys.executable, "-m", "jupyter", "execute", notebook.name, "--inplace")
    done = execute(*command, cwd=workspace, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return trackside.search_runs(search_all_experiments=True, output_format="list")


def test_a_sweep_is_compared_and_the_comparisons_are_kept(workspace: Path, environment: dict[str, str]) -> None:
    """R10.1, R10.2, R10.4: of all runs, of the best five, and of those that a filter finds."""
    runs = run_example("compare.ipynb", workspace, {**environment, "TRACKSIDE_EXAMPLE_RUNS": "8"})
    assert len(runs) == 8
    assert all({"accuracy", "log_loss"} == set(run.data.metrics) for run in runs)
    cells = json.loads((workspace / "compare.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    kept = [data["application/vnd.trackside.compare.v1+json"] for data in outputs if "image/svg+xml" in data]
    good = sum(run.data.metrics["accuracy"] > 0.9 for run in runs)
    assert [comparison["total"] for comparison in kept] == [8, 5, good]
    assert any("learning_rate" in str(data.get("text/html")) for data in outputs)


@pytest.fixture
def quickstart(workspace: Path, environment: dict[str, str]) -> list[trackside.Run]:
    """All runs of the quickstart, the latest first."""
    return run_example("quickstart.ipynb", workspace, environment)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the libraries of 2023 have no wheels for it")
def test_a_run_of_2023_is_reproduced_today(workspace: Path, environment: dict[str, str]) -> None:
    """R7.2, R7.3: in a rebuilt environment, with the same metrics, linked to the original."""
    again, original = run_example("reproduce.ipynb", workspace, environment)
    assert again.data.metrics == original.data.metrics != {}
    assert again.data.params == original.data.params
    assert original.info.run_id in again.data.tags.values()
    (made,) = (workspace / "environments").glob("*/")
    assert (workspace / "again" / "train.ipynb").is_file()
    assert list((workspace / "jupyter" / "kernels").glob("trackside-*")), made


def test_the_quickstart_leaves_the_runs_that_it_speaks_of(quickstart: list[trackside.Run]) -> None:
    """R1.3, R1.4, R1.5, R1.7, R1.10, R1.11, R2.2, R3.1, R3.4: a sweep, a tracked cell and a run that fails."""
    failed, forest, *sweep = quickstart
    assert [str(run.info.status) for run in quickstart] == ["FAILED"] + ["FINISHED"] * 7
    assert (failed.info.run_name, failed.data.tags["trackside.error.type"]) == ("too few samples", "ValueError")
    assert (forest.info.run_name, forest.data.params) == ("forest", {"trees": "200", "max_depth": "12"})
    assert (forest.data.tags["model"], forest.data.tags["reviewed"]) == ("forest", "no")
    assert {(run.data.params["hidden_units"], run.data.params["learning_rate"]) for run in sweep} == {
        (units, rate) for units in ("16", "64") for rate in ("0.0003", "0.003", "0.03")
    }
    store = current_store()
    assert {trackside.get_experiment(run.info.experiment_id).name for run in quickstart} == {"quickstart.ipynb"}
    for run in sweep:
        assert len(store.metric_history(run.info.run_id, "test_accuracy")) == EPOCHS
        names = {file.path for file in store.artifacts(run.info.run_id).list()}
        assert names == {"confusion_matrix.png", "model", "notebook", "environment"}
    for run in quickstart:
        tags = run.data.tags
        assert (tags["mlflow.source.name"], tags["mlflow.source.type"]) == ("quickstart.ipynb", "NOTEBOOK")
        files = {file.path for file in store.artifacts(run.info.run_id).list("environment")}
        assert files == {"environment/environment.json", "environment/requirements.txt"}
        text = store.artifacts(run.info.run_id).read_bytes(tags["trackside.revision.path"]).decode()
        assert trackside.notebook.revision.read(text, tags["trackside.revision.sha256"]).notebook["cells"]
        assert "trackside.capture.error" not in tags
