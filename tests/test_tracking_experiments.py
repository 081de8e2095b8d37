"""Which experiment a run goes to: chosen, named by the environment, the notebook's own, or the default."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

import trackside
from trackside.entities import LifecycleStage
from trackside.errors import ExperimentNotFoundError, FilterError, InvalidValueError, LifecycleError
from trackside.notebook import session as notebook_session
from trackside.stores.sqlite import SqliteStore
from trackside.tracking import notebook_experiment, session
from trackside.tracking.place import Place, find_place

pytestmark = pytest.mark.usefixtures("workspace")


class FakeNotebook:
    """A kernel's notebook session, as far as experiments need it."""

    def __init__(
        self, path: Path, notebook_id: str | None = None, display_path: str = "", *, live: bool = True
    ) -> None:
        self.path, self.notebook_id, self.display_path = path, notebook_id, display_path or path.name
        self.kernel_id, self.is_live, self.current_cell, self.executed = "kernel", live, None, 0
        self.assigned: list[str] = []
        self.kernelspec, self.ipython = "", None

    def assign_id(self, *, replace: bool = False) -> str:
        if replace or self.notebook_id is None:
            self.adopt_id(uuid4().hex)
        assert self.notebook_id is not None
        return self.notebook_id

    def adopt_id(self, notebook_id: str) -> None:
        self.notebook_id = notebook_id
        self.assigned.append(notebook_id)

    def capture_revision(self, executed: int) -> Any:
        return SimpleNamespace(sha256="5" * 64, file_name=self.path.name, text="{}")

    def stop(self) -> None:
        """Nothing is watched."""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeNotebook]:
    def open_notebook(path: Path, notebook_id: str | None = None, **options: Any) -> FakeNotebook:
        fake = FakeNotebook(path, notebook_id, **options)
        monkeypatch.setattr(notebook_session, "_session", fake)
        return fake

    return open_notebook


def save(path: Path, notebook_id: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"trackside": {"id": notebook_id}} if notebook_id else {}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": []}))
    return path


def run_here() -> trackside.Experiment:
    """Make a run and return the experiment that it went to."""
    with trackside.start_run() as run:
        pass
    return trackside.get_experiment(run.info.experiment_id)


def notebook_experiments() -> list[trackside.Experiment]:
    return [experiment for experiment in trackside.search_experiments() if experiment.experiment_id != "0"]


def test_outside_notebooks_runs_go_to_the_default_experiment() -> None:
    assert run_here().name == "Default"


def test_a_chosen_experiment_is_made_and_exported() -> None:
    """R2.1: as MLflow does."""
    experiment = trackside.set_experiment("churn")
    assert experiment.name == "churn"
    assert os.environ["MLFLOW_EXPERIMENT_ID"] == experiment.experiment_id
    assert run_here().name == "churn"
    assert trackside.set_experiment("churn").experiment_id == experiment.experiment_id


def test_an_experiment_is_chosen_by_id() -> None:
    """R2.1"""
    made = trackside.create_experiment("churn", tags={"team": "growth"})
    assert trackside.set_experiment(experiment_id=made).tags["team"] == "growth"
    assert run_here().experiment_id == made


def test_a_run_may_name_its_experiment() -> None:
    """R2.1"""
    made = trackside.create_experiment("churn")
    trackside.set_experiment("other")
    with trackside.start_run(experiment_id=int(made)) as run:
        pass
    assert run.info.experiment_id == made


@pytest.mark.parametrize("arguments", [{}, {"experiment_name": "a", "experiment_id": "1"}])
def test_an_experiment_is_chosen_by_exactly_one_of_name_and_id(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError, match="either experiment_name or experiment_id"):
        trackside.set_experiment(**arguments)


def test_a_deleted_experiment_is_not_chosen() -> None:
    made = trackside.create_experiment("churn")
    trackside.delete_experiment(made)
    for arguments in ({"experiment_name": "churn"}, {"experiment_id": made}):
        with pytest.raises(LifecycleError) as caught:
            trackside.set_experiment(**arguments)
        assert "'churn'" in caught.value.message
        assert "restore_experiment" in caught.value.hint
    trackside.restore_experiment(made)
    assert trackside.set_experiment("churn").lifecycle_stage is LifecycleStage.ACTIVE


def test_an_id_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ExperimentNotFoundError, match="77"):
        trackside.set_experiment(experiment_id="77")


def test_the_environment_names_an_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    """R2.1"""
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "from the environment")
    assert session.active_experiment(create=False).experiment_id is None
    assert trackside.search_experiments() == []
    assert run_here().name == "from the environment"
    assert trackside.set_experiment("chosen").name == "chosen"
    assert run_here().name == "chosen"


def test_the_environment_gives_an_id(script_environment: dict[str, str]) -> None:
    """R2.1"""
    made = trackside.create_experiment("churn")
    for given, code in ((made, 0), ("77", 1)):
        done = subprocess.run(
            [sys.executable, "-c", "import trackside; trackside.log_metric('a', 1)"],
            env={**script_environment, "MLFLOW_EXPERIMENT_ID": given},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
    assert "MLFLOW_EXPERIMENT_ID is '77'" in done.stderr
    assert len(trackside.search_runs([made], output_format="list")) == 1


def test_an_experiment_that_mlflow_chose_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow exports what it was told; facts of both in one process."""
    made = trackside.create_experiment("by mlflow")
    trackside.set_experiment("by trackside")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", made)
    assert run_here().name == "by mlflow"


def test_a_store_that_mlflow_chose_is_followed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"sqlite:///{workspace}/other.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert trackside.get_tracking_uri() == uri
    run_here()
    assert (workspace / "other.db").is_file()


def test_a_tracking_uri_is_exported_and_taken_back() -> None:
    """R2.5"""
    default = trackside.get_tracking_uri()
    trackside.set_tracking_uri("sqlite:////tmp/elsewhere.db")
    assert os.environ["MLFLOW_TRACKING_URI"] == trackside.get_tracking_uri() == "sqlite:////tmp/elsewhere.db"
    trackside.set_tracking_uri(None)
    assert trackside.get_tracking_uri() == default


def test_the_chosen_name_holds_in_another_store(workspace: Path) -> None:
    """Ids of one store mean nothing in another."""
    trackside.create_experiment("first")
    first = trackside.set_experiment("churn")
    trackside.set_tracking_uri(f"sqlite:///{workspace}/other.db")
    assert session.active_experiment(create=False) == session.ActiveExperiment(None, "churn")
    second = run_here()
    assert second.name == "churn"
    assert second.experiment_id != first.experiment_id
    trackside.set_tracking_uri(None)
    assert run_here().experiment_id == first.experiment_id


def test_tags_of_the_active_experiment_are_set_and_deleted() -> None:
    """R2.4"""
    made = trackside.set_experiment("churn").experiment_id
    trackside.set_experiment_tags({"a": 1, "b": 2})
    trackside.set_experiment_tag("a", 3)
    trackside.delete_experiment_tag("b")
    assert trackside.get_experiment(made).tags["a"] == "3"
    assert "b" not in trackside.get_experiment(made).tags


def test_experiments_are_renamed_found_and_listed() -> None:
    """R2.4"""
    made = trackside.create_experiment("old")
    trackside.rename_experiment(made, "new")
    found = trackside.get_experiment_by_name("new")
    assert found is not None
    assert found.experiment_id == made
    assert trackside.get_experiment_by_name("old") is None
    trackside.delete_experiment(made)
    assert trackside.search_experiments(view_type=trackside.ViewType.DELETED_ONLY)[0].name == "new"
    others = [trackside.create_experiment(name, tags={"team": "red"}) for name in ("b", "a")]
    found = trackside.search_experiments(filter_string="tags.team = 'red' OR name = 'new'", order_by=["name"])
    assert [experiment.experiment_id for experiment in found] == others[::-1]
    assert len(trackside.search_experiments(max_results=1)) == 1
    with pytest.raises(InvalidValueError, match="at least 1"):
        trackside.search_experiments(max_results=0)
    with pytest.raises(FilterError, match="no attribute colour"):
        trackside.search_experiments(filter_string="colour = 'red'")


def test_a_notebook_has_an_experiment_of_its_own(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2: made at the first run, with the tags that MLflow's pages and Trackside know it by."""
    notebook = opened(save(workspace / "train.ipynb"), display_path="work/train.ipynb")
    assert session.active_experiment(create=False) == session.ActiveExperiment(None, "work/train.ipynb")
    assert trackside.search_experiments() == []
    experiment = run_here()
    assert experiment.name == "work/train.ipynb"
    assert experiment.tags == {
        "trackside.notebook.id": notebook.notebook_id,
        "trackside.notebook.path": str(workspace / "train.ipynb"),
        "mlflow.experimentType": "NOTEBOOK",
        "mlflow.experiment.sourceName": "work/train.ipynb",
    }
    assert notebook.assigned == [notebook.notebook_id]
    assert trackside.notebook_experiment().experiment_id == experiment.experiment_id


def test_a_run_of_a_notebook_carries_its_notebook(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R1.1"""
    notebook = opened(save(workspace / "train.ipynb"), display_path="work/train.ipynb")
    with trackside.start_run() as run:
        pass
    tags = trackside.get_run(run.info.run_id).data.tags
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert tags["mlflow.source.name"] == "work/train.ipynb"
    assert tags["trackside.notebook.id"] == notebook.notebook_id
    assert tags["trackside.notebook.path"] == str(workspace / "train.ipynb")
    assert tags["trackside.kernel.id"] == "kernel"


def test_in_a_repository_the_experiment_is_named_by_it(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2: other clones of the repository find the same experiment, also without an id in the file."""
    for clone in ("ada", "bob"):
        (workspace / clone / "repo" / ".git").mkdir(parents=True)
        opened(save(workspace / clone / "repo" / "nb" / "train.ipynb"))
        assert run_here().name == "repo/nb/train.ipynb"
    assert len(notebook_experiments()) == 1


def test_the_experiment_is_found_again_by_id(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2: after a kernel restart, the notebook brings its id."""
    first = opened(save(workspace / "train.ipynb"))
    made = run_here()
    opened(save(workspace / "train.ipynb", first.notebook_id), first.notebook_id)
    assert run_here().experiment_id == made.experiment_id


def test_without_an_id_the_experiment_is_found_by_path(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2: no front end kept the id; the notebook takes the one of its experiment."""
    first = opened(save(workspace / "train.ipynb"), live=False)
    made = run_here()
    second = opened(workspace / "train.ipynb", live=False)
    assert run_here().experiment_id == made.experiment_id
    assert second.notebook_id == first.notebook_id


def test_a_notebook_with_an_id_finds_the_experiment_that_has_none(
    workspace: Path, opened: Callable[..., FakeNotebook]
) -> None:
    path = save(workspace / "train.ipynb", "my-id")
    made = trackside.create_experiment("mine", tags={"trackside.notebook.path": str(path)})
    opened(path, "my-id")
    assert run_here().experiment_id == made
    assert trackside.get_experiment(made).tags["trackside.notebook.id"] == "my-id"


def test_another_notebook_at_the_same_place_gets_its_own(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    opened(save(workspace / "train.ipynb", "one"), "one")
    run_here()
    opened(save(workspace / "train.ipynb", "two"), "two")
    assert run_here().name == "train.ipynb (2)"


def test_a_moved_notebook_takes_its_experiment_along(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2: path and generated name follow."""
    path = save(workspace / "train.ipynb", "my-id")
    opened(path, "my-id")
    made = run_here()
    path.rename(workspace / "final.ipynb")
    opened(workspace / "final.ipynb", "my-id")
    assert session.active_experiment(create=False).experiment_id == made.experiment_id
    found = run_here()
    assert found.experiment_id == made.experiment_id
    assert found.name == "final.ipynb"
    assert found.tags["trackside.notebook.path"] == str(workspace / "final.ipynb")


def test_a_name_that_someone_chose_stays_when_the_notebook_moves(
    workspace: Path, opened: Callable[..., FakeNotebook]
) -> None:
    path = save(workspace / "train.ipynb", "my-id")
    opened(path, "my-id")
    trackside.rename_experiment(run_here().experiment_id, "My work")
    path.rename(workspace / "final.ipynb")
    opened(workspace / "final.ipynb", "my-id")
    found = run_here()
    assert found.name == "My work"
    assert found.tags["mlflow.experiment.sourceName"] == "final.ipynb"


def test_a_copy_of_a_notebook_gets_an_id_and_an_experiment_of_its_own(
    workspace: Path, opened: Callable[..., FakeNotebook]
) -> None:
    """R2.2: same id, other path, original still there."""
    original = save(workspace / "train.ipynb", "my-id")
    opened(original, "my-id")
    first = run_here()
    copy = Path(shutil.copy(original, workspace / "copy.ipynb"))
    notebook = opened(copy, "my-id")
    assert session.active_experiment(create=False) == session.ActiveExperiment(None, "copy.ipynb")
    second = run_here()
    assert second.experiment_id != first.experiment_id
    assert notebook.notebook_id not in (None, "my-id")
    assert trackside.get_experiment(first.experiment_id).tags["trackside.notebook.path"] == str(original)
    again = opened(copy, "my-id")
    assert run_here().experiment_id == second.experiment_id
    assert again.notebook_id == notebook.notebook_id


def test_a_clone_of_a_repository_is_no_copy(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2: the same notebook in two clones, the id committed."""
    for clone in ("ada", "bob"):
        (workspace / clone / "repo" / ".git").mkdir(parents=True)
        opened(save(workspace / clone / "repo" / "train.ipynb", "my-id"), "my-id")
        run_here()
    assert len(notebook_experiments()) == 1


def test_a_copy_inside_a_repository_is_a_copy(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    (workspace / "repo" / ".git").mkdir(parents=True)
    for name in ("train.ipynb", "copy.ipynb"):
        opened(save(workspace / "repo" / name, "my-id"), "my-id")
        run_here()
    assert {found.name for found in notebook_experiments()} == {"repo/train.ipynb", "repo/copy.ipynb"}


def test_a_folder_that_becomes_a_repository_keeps_its_experiments(
    workspace: Path, opened: Callable[..., FakeNotebook]
) -> None:
    path = save(workspace / "repo" / "train.ipynb", "my-id")
    opened(path, "my-id")
    made = run_here()
    (workspace / "repo" / ".git").mkdir()
    opened(path, "my-id")
    found = run_here()
    assert (found.experiment_id, found.name) == (made.experiment_id, "repo/train.ipynb")


def test_a_taken_name_gets_a_number(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.2"""
    trackside.create_experiment("train.ipynb")
    trashed = trackside.create_experiment("train.ipynb (2)")
    trackside.delete_experiment(trashed)
    opened(save(workspace / "train.ipynb"))
    assert run_here().name == "train.ipynb (3)"


def test_a_notebook_whose_experiment_is_in_the_trash_gets_a_new_one(
    workspace: Path, opened: Callable[..., FakeNotebook]
) -> None:
    notebook = opened(save(workspace / "train.ipynb"))
    first = run_here()
    trackside.delete_experiment(first.experiment_id)
    assert run_here().name == "train.ipynb (2)"
    assert notebook.notebook_id == first.tags["trackside.notebook.id"]


def test_a_notebook_that_nothing_names_logs_to_the_default_experiment(opened: Callable[..., FakeNotebook]) -> None:
    notebook = opened(Path("unknown"))
    notebook.path = None  # type: ignore[assignment]
    notebook.display_path = ""
    assert run_here().name == "Default"
    with pytest.raises(ExperimentNotFoundError, match="runs no notebook that is known"):
        trackside.notebook_experiment()


def test_a_chosen_experiment_wins_over_the_notebooks_own(workspace: Path, opened: Callable[..., FakeNotebook]) -> None:
    """R2.3: the notebook gets its id all the same, where a front end can keep it."""
    notebook = opened(save(workspace / "train.ipynb"))
    trackside.set_experiment("churn")
    assert run_here().name == "churn"
    assert notebook.notebook_id is not None
    assert trackside.notebook_experiment().name == "train.ipynb"


def test_kernels_that_start_at_once_end_with_one_experiment(workspace: Path) -> None:
    """R2.2: each on its own connection, as in processes of their own."""
    path = save(workspace / "train.ipynb")
    place = Place(path, None, "train.ipynb")

    def first_run(_number: int) -> tuple[str, str | None]:
        store = SqliteStore(workspace / "mlflow.db")
        notebook = FakeNotebook(path)
        found = notebook_experiment.require_experiment(store, notebook_experiment.Notebook(notebook, place))  # type: ignore[arg-type]
        store.close()
        return found.experiment_id, notebook.notebook_id

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(first_run, range(8)))
    assert len(found) == 1
    assert len(notebook_experiments()) == 1


def test_a_work_tree_counts_as_a_repository(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere")
    place = find_place(tmp_path / "tree" / "a" / "b.ipynb", "b.ipynb")
    assert (place.location, place.title) == ("tree/a/b.ipynb", "tree/a/b.ipynb")
