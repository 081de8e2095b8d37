"""The plugins as MLflow calls them, without MLflow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from trackside import mlflow_plugin
from trackside.mlflow_plugin import NotebookContext, NotebookExperiment
from trackside.notebook import session as notebook_session
from trackside.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from trackside.entities import Experiment

PARTS = ("context", "experiment", "following", "followed")


@pytest.fixture(autouse=True)
def nothing_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_plugin, "_reported", set())


def test_loading_the_plugins_imports_only_what_cannot_be_missing() -> None:
    """An exception while MLflow loads a plugin would break ``import mlflow``."""
    tree = ast.parse(Path(mlflow_plugin.__file__).read_text())
    imported = [name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names]
    imported += [str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    calls = [node for node in tree.body if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)]
    assert calls == []


def test_outside_a_notebook_the_plugins_say_nothing_and_load_nothing() -> None:
    """R3.2"""
    code = """
import sys
from trackside.mlflow_plugin import NotebookContext, NotebookExperiment
assert not NotebookContext().in_context() and NotebookContext().tags() == {}
assert not NotebookExperiment().in_context()
loaded = [name for name in sys.modules if name.startswith("trackside.")]
assert loaded == ["trackside.mlflow_plugin"], loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_cannot_be_loaded_is_done_without(
    part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebook_session, "_session", object())
    for name in PARTS:
        monkeypatch.delitem(sys.modules, f"trackside.mlflow_plugin.{name}", raising=False)
    monkeypatch.setitem(sys.modules, f"trackside.mlflow_plugin.{part}", None)
    context, experiment = NotebookContext(), NotebookExperiment()
    for _ in range(2):
        assert context.in_context()
        assert isinstance(context.tags(), dict)
        assert not experiment.in_context()
        assert experiment.get_experiment_id() == "0"
    said = capsys.readouterr().err.splitlines()
    assert said
    assert len(said) == len(set(said))
    assert all(line.startswith("Trackside: ") for line in said)


def test_a_fault_without_standard_error_stays_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_session, "_session", object())
    monkeypatch.setattr(sys, "stderr", None)
    assert NotebookContext().tags() == {}
    assert not NotebookExperiment().in_context()


def test_a_new_cell_asks_a_database_for_the_experiment_only_if_something_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R3.2: the user's call of MLflow waits for the answer; what others delete is noticed all the same."""
    from trackside.mlflow_plugin import experiment

    asked: list[str] = []

    class Store(SqliteStore):
        def get_experiment(self, experiment_id: str) -> Experiment:
            asked.append(experiment_id)
            return super().get_experiment(experiment_id)

    store, session = Store(tmp_path / "mlflow.db"), SimpleNamespace(executed=1)
    wine = store.create_experiment("wine")
    notebook: Any = SimpleNamespace(session=session)
    monkeypatch.setattr(experiment, "_known", experiment._Known(notebook, "", store, wine, executed=0))

    def is_there_in_a_new_cell() -> bool:
        session.executed += 1
        return experiment._is_there(known) if (known := experiment._known) else False

    assert is_there_in_a_new_cell()
    assert asked == [wine]
    assert is_there_in_a_new_cell()
    assert asked == [wine]
    store.create_experiment("other")
    experiment.renew()
    assert is_there_in_a_new_cell()
    assert asked == [wine] * 2
    store.delete_experiment(wine)
    assert not is_there_in_a_new_cell()
    assert experiment._known is None
