"""``search_runs``: the runs of experiments, as MLflow gives them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import trackside
from trackside.errors import FilterError, InvalidValueError
from trackside.tracking import session

pytestmark = pytest.mark.usefixtures("workspace")


def log_three() -> list[str]:
    """Three runs of the default experiment; their ids, newest first."""
    ids = []
    for number in range(3):
        with trackside.start_run(run_name=f"run {number}") as run:
            trackside.log_param("depth", number)
            trackside.log_metric("loss", number / 2)
            if number:
                trackside.log_param("extra", "yes")
                trackside.log_metric("accuracy", float("nan"))
                trackside.set_tag("stage", "draft")
        ids.insert(0, run.info.run_id)
    return ids


def test_runs_come_newest_first_as_a_frame_or_as_objects() -> None:
    """R8.4"""
    ids = log_three()
    frame = trackside.search_runs()
    assert list(frame["run_id"]) == ids
    assert [run.info.run_id for run in trackside.search_runs(output_format="list")] == ids
    assert list(frame.columns[:6]) == ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]
    assert list(frame["metrics.loss"]) == [1.0, 0.5, 0.0]
    assert list(frame["params.depth"]) == ["2", "1", "0"]
    assert pd.isna(frame["params.extra"].iloc[2])
    assert pd.isna(frame["tags.stage"].iloc[2])


@pytest.mark.interop
@pytest.mark.filterwarnings("ignore")  # MLflow's own
@pytest.mark.parametrize("is_empty", [False, True])
def test_the_frame_is_the_one_that_mlflow_gives(is_empty: bool) -> None:
    """R8.4: same columns, types and values on the same database; MLflow's order of columns in a group is random."""
    import mlflow

    if not is_empty:
        log_three()
        trackside.start_run().capture.finish()
    else:
        trackside.create_experiment("makes the file")
    ours = trackside.search_runs(["0"])
    mlflow.set_tracking_uri(session.get_tracking_uri())
    try:
        theirs = mlflow.search_runs(["0"])
    finally:
        mlflow.set_tracking_uri(None)
    assert sorted(ours.columns) == sorted(theirs.columns)
    pd.testing.assert_frame_equal(ours, theirs[ours.columns])


def test_experiments_are_named_by_id_or_name(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        trackside.set_experiment(name)
        with trackside.start_run():
            pass
    ids = [trackside.set_experiment(name).experiment_id for name in ("a", "b")]
    assert len(trackside.search_runs(ids)) == 2
    assert len(trackside.search_runs([ids[0]])) == 1
    assert len(trackside.search_runs(experiment_names=["a", "b", "gone"])) == 2
    assert "no experiment 'gone'" in capsys.readouterr().err
    assert len(trackside.search_runs()) == 1
    assert len(trackside.search_runs(search_all_experiments=True)) == 2
    with pytest.raises(InvalidValueError, match="not both"):
        trackside.search_runs(["0"], experiment_names=["a"])


def test_deleted_runs_are_shown_where_asked_for() -> None:
    """R9.2"""
    ids = log_three()
    trackside.delete_run(ids[0])
    views = trackside.ViewType
    counts = [len(trackside.search_runs(["0"], run_view_type=view)) for view in (views.ACTIVE_ONLY, 2, views.ALL)]
    assert counts == [2, 1, 3]
    with pytest.raises(InvalidValueError, match="no view type 9"):
        trackside.search_runs(["0"], run_view_type=9)


def test_max_results_cuts_and_pages_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackside.transfer.rows.PAGE_SIZE", 2)
    ids = log_three()
    assert list(trackside.search_runs(["0"])["run_id"]) == ids
    assert list(trackside.search_runs(["0"], max_results=1)["run_id"]) == ids[:1]
    assert trackside.search_runs(["0"], max_results=0, output_format="list") == []


def test_runs_are_filtered_and_ordered_in_both_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """R8.1, R8.2, R8.4: also over several pages."""
    monkeypatch.setattr("trackside.transfer.rows.PAGE_SIZE", 1)
    newest, middle, oldest = log_three()
    found = trackside.search_runs(["0"], "metrics.loss < 0.9", order_by=["metrics.loss ASC"], output_format="list")
    assert [run.info.run_id for run in found] == [oldest, middle]
    assert list(trackside.search_runs(["0"], "params.extra = 'yes'", order_by="params.depth")["run_id"]) == [
        middle,
        newest,
    ]
    assert list(trackside.search_runs(filter_string="metrics.loss > 5").columns) == [
        *("run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"),
    ]


@pytest.mark.parametrize("arguments", [{"filter_string": "metrics.a >"}, {"order_by": ["metrics.a UP"]}])
def test_a_filter_or_order_that_cannot_be_read_shows_where(arguments: dict[str, Any]) -> None:
    """R8.2"""
    with pytest.raises(FilterError) as caught:
        trackside.search_runs(["0"], **arguments)
    assert "^" in str(caught.value)


def test_columns_stand_in_the_same_order_every_time() -> None:
    """R8.4: each group by name, whichever run was first."""
    with trackside.start_run():
        trackside.log_params({"b": 1, "a": 2})
        trackside.log_metrics({"z": 1, "y": 2})
    columns = [name for name in trackside.search_runs().columns if not name.startswith("tags.")]
    assert columns[6:] == ["metrics.y", "metrics.z", "params.a", "params.b"]


def test_an_unknown_output_format_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="'spark'"):
        trackside.search_runs(["0"], output_format="spark")  # type: ignore[call-overload]


def test_looking_for_runs_makes_nothing(workspace: Any) -> None:
    assert len(trackside.search_runs()) == 0
    assert list(workspace.iterdir()) == []
