"""Runs start, nest, continue and end as MLflow's do, on a real store."""

from __future__ import annotations

import json
import math
import os
from typing import Any

import pytest

import trackside
from trackside.entities import RunStatus
from trackside.errors import (
    InvalidValueError,
    LifecycleError,
    NotFoundError,
    ParamChangedError,
    RunActiveError,
    RunNotFoundError,
)
from trackside.tracking import session

from .workspace import only_run

pytestmark = pytest.mark.usefixtures("workspace")


def test_a_run_keeps_what_was_logged() -> None:
    """R1.3, R1.4, R1.5, R1.6: params, metrics with their history, tags, times, user, status."""
    with trackside.start_run(run_name="first") as run:
        trackside.log_param("depth", 3)
        trackside.log_params({"rate": 0.1, "kind": None})
        trackside.log_metric("loss", 0.5, step=1)
        trackside.log_metrics({"loss": 0.25, "accuracy": 1}, step=2, timestamp=1234)
        trackside.set_tag("stage", "draft")
        trackside.set_tags({"a": 1, "b": 2})
        trackside.delete_tag("b")
    found = trackside.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == found.data.tags["mlflow.runName"] == "first"
    assert found.info.start_time is not None
    assert found.info.end_time is not None
    assert found.info.start_time <= found.info.end_time
    assert found.info.user_id == found.data.tags["mlflow.user"] != ""
    assert found.data.params == {"depth": "3", "rate": "0.1", "kind": "None"}
    assert found.data.metrics == {"loss": 0.25, "accuracy": 1.0}
    assert found.data.tags["stage"] == "draft"
    assert found.data.tags["a"] == "1"
    assert "b" not in found.data.tags
    history = session.current_store().metric_history(run.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(1, 0.5), (2, 0.25)]
    assert history[1].timestamp == 1234


def test_nan_and_infinities_come_back() -> None:
    """R1.5"""
    with trackside.start_run() as run:
        trackside.log_metrics({"nan": math.nan, "up": math.inf, "down": -math.inf})
    metrics = trackside.get_run(run.info.run_id).data.metrics
    assert math.isnan(metrics["nan"])
    assert (metrics["up"], metrics["down"]) == (math.inf, -math.inf)


def test_a_metric_without_step_adds_points_at_step_0() -> None:
    """R1.5: MLflow's default, kept exactly."""
    with trackside.start_run() as run:
        trackside.log_metric("loss", 2, timestamp=1)
        trackside.log_metric("loss", 1, timestamp=2)
    history = session.current_store().metric_history(run.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(0, 2.0), (0, 1.0)]


def test_logging_starts_a_run_where_none_is_active() -> None:
    """R3.1: as in MLflow."""
    assert trackside.active_run() is None
    assert trackside.log_param("a", 1) == 1
    active = trackside.active_run()
    assert active is not None
    trackside.log_metric("b", 2)
    trackside.end_run()
    assert trackside.active_run() is None
    found = trackside.get_run(active.info.run_id)
    assert found.data.params == {"a": "1"}
    assert found.data.metrics == {"b": 2.0}


def test_a_second_run_beside_an_active_one_is_refused_with_a_way_out() -> None:
    with trackside.start_run(run_name="outer"):
        with pytest.raises(RunActiveError) as caught:
            trackside.start_run()
        assert "'outer'" in caught.value.message
        assert "nested=True" in caught.value.hint
    assert trackside.search_runs(["0"]).shape[0] == 1


def test_nested_runs_know_their_parent_and_end_alone() -> None:
    """R1.9"""
    with trackside.start_run() as outer:
        with trackside.start_run(nested=True) as inner:
            assert trackside.active_run() is inner
            trackside.log_metric("loss", 1)
        assert trackside.active_run() is outer
        assert trackside.get_run(outer.info.run_id).info.status == "RUNNING"
    assert trackside.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"] == outer.info.run_id
    parent = trackside.get_parent_run(inner.info.run_id)
    assert parent is not None
    assert parent.info.run_id == outer.info.run_id
    assert trackside.get_parent_run(outer.info.run_id) is None


def test_a_run_may_be_nested_in_one_that_has_ended() -> None:
    """R1.9: parent_run_id, as in MLflow."""
    with trackside.start_run() as first:
        pass
    with trackside.start_run(parent_run_id=first.info.run_id) as second:
        pass
    assert second.data.tags["mlflow.parentRunId"] == first.info.run_id


def test_a_parent_that_is_not_the_active_run_is_refused() -> None:
    with trackside.start_run() as first:
        pass
    with trackside.start_run(), pytest.raises(RunActiveError, match="another run is active"):
        trackside.start_run(parent_run_id=first.info.run_id, nested=True)


def test_leaving_a_run_ends_the_runs_that_were_left_active_in_it() -> None:
    with trackside.start_run():
        inner = trackside.start_run(nested=True)
    assert trackside.active_run() is None
    assert trackside.get_run(inner.info.run_id).info.status == "FINISHED"


def test_an_exception_fails_the_run_and_is_kept_with_it() -> None:
    with pytest.raises(ZeroDivisionError), trackside.start_run() as run:
        _ = 1 / 0
    found = trackside.get_run(run.info.run_id)
    assert found.info.status == "FAILED"
    assert found.data.tags["trackside.error.type"] == "ZeroDivisionError"
    assert found.data.tags["trackside.error.message"] == "division by zero"


def test_a_very_long_error_is_cut_to_what_a_tag_holds() -> None:
    with pytest.raises(ValueError), trackside.start_run() as run:
        raise ValueError("x" * 20_000)
    assert set(trackside.get_run(run.info.run_id).data.tags["trackside.error.message"]) == {"x"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt(), "KILLED"),
        (SystemExit(), "FINISHED"),
        (SystemExit(0), "FINISHED"),
        (SystemExit(3), "FAILED"),
        (SystemExit("no data"), "FAILED"),
    ],
)
def test_interrupts_kill_and_exits_count_by_their_code(error: BaseException, status: str) -> None:
    with pytest.raises(type(error)), trackside.start_run() as run:
        raise error
    found = trackside.get_run(run.info.run_id)
    assert found.info.status == status
    assert found.data.tags.get("trackside.error.type") == (None if status == "FINISHED" else type(error).__name__)


def test_an_exception_that_cannot_be_told_fails_the_run_too() -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with pytest.raises(OddError), trackside.start_run() as run:
        raise OddError
    assert trackside.get_run(run.info.run_id).data.tags["trackside.error.type"] == "OddError"


def test_the_users_exception_wins_over_trouble_with_ending_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), trackside.start_run(run_name="gone") as run:  # noqa: PT012
        trackside.delete_run(run.info.run_id)
        _ = 1 / 0
    assert "Trackside: run 'gone' could not be ended as FAILED" in capsys.readouterr().err
    assert trackside.active_run() is None


@pytest.mark.parametrize("status", ["FAILED", "KILLED", RunStatus.FINISHED])
def test_end_run_takes_a_final_status(status: Any) -> None:
    run = trackside.start_run()
    trackside.end_run(status)
    assert trackside.get_run(run.info.run_id).info.status == status


@pytest.mark.parametrize("status", ["RUNNING", "DONE", "", 3])
def test_end_run_refuses_what_is_no_end(status: Any) -> None:
    with trackside.start_run(), pytest.raises(InvalidValueError, match="a run cannot end as"):
        trackside.end_run(status)


def test_end_run_without_a_run_does_nothing() -> None:
    trackside.end_run()
    assert trackside.active_run() is None


def test_a_run_ended_inside_its_with_block_keeps_that_end() -> None:
    with trackside.start_run() as run:
        trackside.end_run("KILLED")
    assert trackside.get_run(run.info.run_id).info.status == "KILLED"


def test_the_last_active_run_is_found_as_it_ended() -> None:
    with trackside.start_run() as run:
        assert trackside.last_active_run() is run
        trackside.log_metric("a", 1)
    last = trackside.last_active_run()
    assert last is not None
    assert (last.info.run_id, last.info.status) == (run.info.run_id, "FINISHED")
    assert last.data.metrics == {"a": 1.0}


def test_a_run_continues_by_its_id() -> None:
    with trackside.start_run(run_name="long") as run:
        trackside.log_param("a", 1)
    with trackside.start_run(run_id=run.info.run_id, tags={"again": "yes"}, description="more") as again:
        running = trackside.get_run(run.info.run_id)
        assert running.info.status == "RUNNING"
        trackside.log_param("b", 2)
    assert again.info.run_id == run.info.run_id
    found = only_run()
    assert found.info.run_name == "long"
    assert found.data.params == {"a": "1", "b": "2"}
    assert found.data.tags["again"] == "yes"
    assert found.data.tags["mlflow.note.content"] == "more"
    assert found.info.status == "FINISHED"


def test_mlflow_run_id_is_continued_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.1: how `mlflow run` hands a run to the project's code."""
    with trackside.start_run(tags={"mlflow.source.type": "PROJECT", "mlflow.source.name": "a-project"}) as run:
        pass
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    with trackside.start_run() as again:
        assert "MLFLOW_RUN_ID" not in os.environ
    with trackside.start_run() as other:
        pass
    assert again.info.run_id == run.info.run_id != other.info.run_id
    assert trackside.get_run(run.info.run_id).data.tags["mlflow.source.type"] == "PROJECT"


def test_a_run_of_another_experiment_than_the_chosen_one_is_not_continued() -> None:
    with trackside.start_run() as run:
        pass
    trackside.set_experiment("other")
    with pytest.raises(InvalidValueError, match="belongs to experiment 0"):
        trackside.start_run(run_id=run.info.run_id)


def test_deleted_runs_are_not_continued_and_have_no_children() -> None:
    with trackside.start_run() as run:
        pass
    trackside.delete_run(run.info.run_id)
    for arguments in ({"run_id": run.info.run_id}, {"parent_run_id": run.info.run_id}):
        with pytest.raises(LifecycleError) as caught:
            trackside.start_run(**arguments)
        assert "restore_run" in caught.value.hint
    trackside.restore_run(run.info.run_id)
    trackside.start_run(run_id=run.info.run_id)


def test_a_run_that_does_not_exist_is_named() -> None:
    with pytest.raises(RunNotFoundError, match="0123456789abcdef0123456789abcdef"):
        trackside.start_run(run_id="0123456789abcdef0123456789abcdef")
    assert trackside.active_run() is None


def test_tags_and_description_of_the_caller_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.1: a project's context wins over what is found, the caller's tags win over both."""
    context = {"mlflow.source.type": "PROJECT", "mlflow.source.name": "repo#train", "mlflow.user": "ci"}
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", json.dumps(context))
    run = trackside.start_run(tags={"mlflow.user": "me", "n": 1}, description="**why**")
    assert run.data.tags["mlflow.source.type"] == "PROJECT"
    assert run.data.tags["mlflow.source.name"] == "repo#train"
    assert run.data.tags["mlflow.user"] == run.info.user_id == "me"
    assert run.data.tags["n"] == "1"
    assert run.data.tags["mlflow.note.content"] == "**why**"


def test_a_context_that_is_no_json_object_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", "[1, 2]")
    with pytest.raises(InvalidValueError, match="MLFLOW_RUN_CONTEXT must be a JSON object"):
        trackside.start_run()


def test_a_note_given_twice_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="given twice"):
        trackside.start_run(description="a", tags={"mlflow.note.content": "b"})


def test_the_user_is_the_one_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.3"""
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    assert trackside.start_run().info.user_id == "ada"


def test_a_param_keeps_its_first_value() -> None:
    """R1.4"""
    with trackside.start_run() as run:
        trackside.log_param("depth", 3)
        trackside.log_param("depth", "3")
        with pytest.raises(ParamChangedError):
            trackside.log_param("depth", 4)
    assert trackside.get_run(run.info.run_id).data.params == {"depth": "3"}


def test_a_metric_that_is_no_number_leaves_the_run_as_it_was() -> None:
    """Bad input: a metric that is not a number."""
    with trackside.start_run(run_name="mine") as run:
        with pytest.raises(InvalidValueError, match="metric 'b' of run 'mine' must be a number, not None"):
            trackside.log_metrics({"a": 1, "b": None})
        with pytest.raises(NotFoundError):
            trackside.delete_tag("never set")
    assert trackside.get_run(run.info.run_id).data.metrics == {}


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\nb\tc", "'\"`", "🚀 naïve 中文", "x" * 5000])
def test_any_text_is_kept_as_it_is(text: str) -> None:
    """R1.8: notes too. Bad input: markup, quotes, newlines, emoji."""
    with trackside.start_run(tags={"t": text}, description=text) as run:
        trackside.log_param("p", text)
        trackside.set_note(text)
    found = trackside.get_run(run.info.run_id)
    assert found.data.params["p"] == found.data.tags["t"] == found.data.tags["mlflow.note.content"] == text


def test_runs_are_renamed() -> None:
    """R6.2"""
    with trackside.start_run(run_name="old") as run:
        pass
    trackside.rename_run(run.info.run_id, "new")
    found = trackside.get_run(run.info.run_id)
    assert found.info.run_name == found.data.tags["mlflow.runName"] == "new"


def test_logging_to_another_run_leaves_the_active_one_alone() -> None:
    with trackside.start_run() as first:
        pass
    with trackside.start_run() as second:
        trackside.log_metric("a", 1, run_id=first.info.run_id)
        trackside.log_params({"p": 1}, run_id=first.info.run_id)
    assert trackside.get_run(first.info.run_id).data.metrics == {"a": 1.0}
    assert trackside.get_run(second.info.run_id).data.metrics == {}
