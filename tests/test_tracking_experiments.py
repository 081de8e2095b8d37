"""Which experiment a run goes to: chosen, named by the environment, the notebook's own, or the default."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import trackside
from trackside.entities import LifecycleStage
from trackside.errors import ExperimentNotFoundError, FilterError, InvalidValueError, LifecycleError
from trackside.tracking import session

from .workspace import run_here

pytestmark = pytest.mark.usefixtures("workspace")


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
            timeout=240,
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
