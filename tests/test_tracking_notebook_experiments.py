"""The experiment that belongs to a notebook: made, found again, taken along."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

import trackside
from trackside.errors import ExperimentNotFoundError
from trackside.notebook import session as notebook_session
from trackside.stores.sqlite import SqliteStore
from trackside.tracking import notebook_experiment, session
from trackside.tracking.place import Place, find_place

from .workspace import run_here

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
        return SimpleNamespace(
            sha256="5" * 64, code_sha256="c" * 64, file_name=self.path.name, text="{}", attachments_left_out=0
        )

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


def notebook_experiments() -> list[trackside.Experiment]:
    return [experiment for experiment in trackside.search_experiments() if experiment.experiment_id != "0"]


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
