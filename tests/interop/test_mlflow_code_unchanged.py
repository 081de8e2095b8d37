"""Notebooks that call MLflow, where Trackside is only installed, on the newest MLflow and on one two years older."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from trackside.entities import Run, RunStatus

from ..repositories import commit_all, git
from .mlflow_kernels import Mlflow, start_mlflow_kernel
from .runs import Runs

pytest.importorskip("mlflow")
pytestmark = pytest.mark.interop

CELLS = {
    "imports": """
import os, threading, warnings
import mlflow
import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
warnings.simplefilter("ignore")
X = numpy.random.default_rng(1).random((40, 2))
y = (X[:, 0] > 0.5).astype(int)
""",
    "plain": """
with mlflow.start_run(run_name="plain"):
    mlflow.log_metric("loss", 0.5)
""",
    "long": "mlflow.start_run(run_name='long');",
    "between": "marker = 'between the start and the end'",
    "end": "mlflow.end_run()",
    "threads": """
def train(number):
    with mlflow.start_run(run_name=f"thread-{number}"):
        mlflow.log_metric("number", number)
threads = [threading.Thread(target=train, args=(number,)) for number in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
    "autolog": """
mlflow.sklearn.autolog(log_models=False, silent=True)
search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(X, y)
mlflow.sklearn.autolog(disable=True)
""",
    "failed": """
with mlflow.start_run(run_name="failed"):
    raise ValueError("the rate is too high")
""",
    "caught": """
try:
    with mlflow.start_run(run_name="caught"):
        raise KeyError("nobody minds")
except KeyError:
    pass
with mlflow.start_run(run_name="after"):
    pass
1 / 0
""",
    "own tags": """
tags = {"mlflow.source.name": "mine.py", "mlflow.source.git.commit": "0123abc", "stage": "draft"}
with mlflow.start_run(run_name="own tags", tags=tags):
    pass
""",
    "client": """
client = mlflow.MlflowClient()
notebook_experiment = client.search_runs([e.experiment_id for e in client.search_experiments()],
                                         "run_name = 'plain'")[0].info.experiment_id
client.create_run(notebook_experiment, run_name="client")
continued = client.create_run(notebook_experiment, run_name="continued")
mlflow.start_run(run_id=continued.info.run_id);
""",
    "client end": "mlflow.end_run()",
    "environment": """
os.environ["MLFLOW_EXPERIMENT_NAME"] = "named"
with mlflow.start_run(run_name="named"):
    pass
named = client.get_experiment_by_name("named").experiment_id
del os.environ["MLFLOW_EXPERIMENT_NAME"]
other = client.create_experiment("other")
os.environ["MLFLOW_EXPERIMENT_ID"] = other
with mlflow.start_run(run_name="by id"):
    pass
del os.environ["MLFLOW_EXPERIMENT_ID"]
with mlflow.start_run(run_name="argument", experiment_id=other):
    pass
""",
    "panel": """
from trackside.widgets.context import read_context
shown = read_context()
assert shown.experiment_id == notebook_experiment, shown
assert shown.store.get_experiment(shown.experiment_id).name == shown.experiment_name
""",
    "chosen": """
mlflow.set_experiment("chosen")
with mlflow.start_run(run_name="chosen"):
    pass
""",
}
FAILING = ("failed", "caught")
COUNT = 19
"""How many runs these cells make, and `client` is the one of which Trackside cannot know."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with a commit, in which the notebook lies in a folder."""
    folder = tmp_path_factory.mktemp("unchanged") / "project"
    (folder / "notebooks").mkdir(parents=True)
    (folder / ".gitignore").write_text("*.db*\nmlruns/\n.installed/\n")
    commit_all(folder)
    return folder


@pytest.fixture(scope="module")
def runs(version: Mlflow, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The runs of all the cells, after what follows in the background was stored."""
    folder = repository / "notebooks" / version.version
    folder.mkdir()
    with start_mlflow_kernel(folder, dict(os.environ), mlflow=version) as kernel:
        for name, cell in CELLS.items():
            answer = kernel.run(cell)
            assert answer.status == ("error" if name in FAILING else "ok"), f"{name}: {answer.error}"
            assert "Trackside" not in answer.stderr, answer.stderr
        found = Runs(folder / "mlflow.db")
        found.wait_until(lambda: len(found.all()) == COUNT and all(map(has_environment, attributable(found))))
        found.wait_until(lambda: "trackside.error.type" in found["failed"].data.tags)
        found.wait_until(lambda: CELLS["end"] in found.sources("long"))
    yield found
    found.close()


def attributable(runs: Runs) -> list[Run]:
    return [run for run in runs.all() if run.info.run_name != "client"]


def has_environment(run: Run) -> bool:
    return "trackside.environment.sha256" in run.data.tags


def commit_of(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD")


def test_a_run_goes_to_the_notebook_experiment(runs: Runs, version: Mlflow) -> None:
    """R3.2, R2.2"""
    experiment = runs.experiment_of("plain")
    place = f"project/notebooks/{version.version}/train.ipynb"
    assert (experiment.name, experiment.tags["mlflow.experimentType"]) == (place, "NOTEBOOK")
    assert experiment.tags["trackside.notebook.path"] == place
    assert runs["plain"].info.status is RunStatus.FINISHED
    assert runs["plain"].data.metrics == {"loss": 0.5}


def test_a_run_carries_notebook_kernel_and_commit(runs: Runs, repository: Path, version: Mlflow) -> None:
    """R3.2, R1.1"""
    tags = runs["plain"].data.tags
    path = f"notebooks/{version.version}/train.ipynb"
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert tags["mlflow.source.name"].endswith("train.ipynb")
    assert tags["trackside.notebook.path"] == f"project/{path}"
    assert tags["trackside.notebook.id"] == runs.experiment_of("plain").tags["trackside.notebook.id"]
    assert tags["trackside.kernel.id"]
    assert tags["mlflow.source.git.commit"] == commit_of(repository)
    assert tags["mlflow.source.git.branch"] == "main"
    assert tags["trackside.git.dirty"] == "true"  # the commit does not have the notebook
    assert tags["mlflow.user"]


def test_a_run_has_its_notebook_and_its_environment_as_artifacts(runs: Runs) -> None:
    """R3.2, R1.10, R1.11"""
    assert CELLS["plain"] in runs.sources("plain")
    assert CELLS["long"] not in runs.sources("plain")
    record = json.loads(runs.artifact("plain", "environment/environment.json"))
    assert record["python"]["version"]
    assert "ipykernel==" in runs.artifact("plain", "environment/requirements.txt")


def test_a_run_over_several_cells_has_the_revision_of_its_end(runs: Runs) -> None:
    """R1.11"""
    sources = runs.sources("long")
    assert sources[-3:] == [CELLS["long"], CELLS["between"], CELLS["end"]]


def test_runs_of_threads_are_the_notebooks(runs: Runs) -> None:
    """R3.2"""
    for number in range(3):
        run = runs[f"thread-{number}"]
        assert run.info.experiment_id == runs["plain"].info.experiment_id
        assert CELLS["threads"] in runs.sources(run.info.run_name)


def test_autologged_runs_and_their_children_are_the_notebooks(runs: Runs) -> None:
    """R3.2"""
    logged = [run for run in runs.all() if "mlflow.autologging" in run.data.tags]
    parents = [run for run in logged if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in logged if run not in parents]
    assert (len(parents), len(children)) == (1, 3)
    for run in logged:
        assert run.info.experiment_id == runs["plain"].info.experiment_id
        assert run.data.tags["mlflow.source.type"] == "NOTEBOOK"
        assert CELLS["autolog"] in runs.sources(run.info.run_name)
        assert runs.artifact(run.info.run_name, "environment/requirements.txt")


def test_the_error_that_ended_a_run_is_kept_with_it(runs: Runs) -> None:
    """R1.3"""
    run = runs["failed"]
    assert run.info.status is RunStatus.FAILED
    assert run.data.tags["trackside.error.type"] == "ValueError"
    assert run.data.tags["trackside.error.message"] == "the rate is too high"


def test_a_later_error_of_the_cell_is_not_blamed_on_a_run_that_failed_before(runs: Runs) -> None:
    assert runs["caught"].info.status is RunStatus.FAILED
    assert runs["after"].info.status is RunStatus.FINISHED
    assert not [name for name in ("caught", "after") if "trackside.error.type" in runs[name].data.tags]


def test_tags_that_the_code_sets_are_kept(runs: Runs) -> None:
    tags = runs["own tags"].data.tags
    assert (tags["mlflow.source.name"], tags["mlflow.source.git.commit"]) == ("mine.py", "0123abc")
    assert tags["stage"] == "draft"
    assert tags["trackside.notebook.path"].endswith("train.ipynb")


def test_a_run_of_the_client_is_left_as_it_is(runs: Runs) -> None:
    """MLflow asks no plugin when ``MlflowClient.create_run`` is called."""
    assert set(runs["client"].data.tags) == {"mlflow.runName"}
    assert runs["client"].info.status is RunStatus.RUNNING


def test_a_run_of_the_client_that_start_run_continues_is_the_notebooks(runs: Runs) -> None:
    """R3.2"""
    tags = runs["continued"].data.tags
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert tags["trackside.kernel.id"] == runs["plain"].data.tags["trackside.kernel.id"]
    assert CELLS["client"] in runs.sources("continued")


def test_an_experiment_that_was_chosen_wins_as_in_mlflow(runs: Runs) -> None:
    """R2.1"""
    went_to = {name: runs.experiment_of(name).name for name in ("named", "by id", "argument", "chosen")}
    assert went_to == {"named": "named", "by id": "other", "argument": "other", "chosen": "chosen"}


def test_a_run_of_a_chosen_experiment_carries_the_notebook(runs: Runs) -> None:
    """R3.2"""
    tags = runs["chosen"].data.tags
    assert tags["trackside.notebook.id"] == runs["plain"].data.tags["trackside.notebook.id"]
    assert CELLS["chosen"] in runs.sources("chosen")
