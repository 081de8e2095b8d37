"""What the dialog that reproduces a run asks for, held to `tests/protocol/reproduce`.

`js/test/reproduce-protocol.test.ts` holds the front end's side.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

import trackside
from trackside.reproducing.jobs import Job, JobState, jobs
from trackside.reproducing.plan import EnvironmentWay
from trackside.widgets import reproduce_requests, run_requests
from trackside.widgets.bridge import Message, answer
from trackside.widgets.widget import watcher

from .reproducing_world import make_record, make_run, make_wheel, package_index, places
from .widget_world import read_example

__all__ = ["package_index", "places"]


class Page:
    """Stands where a panel is: what it was told."""

    is_open = True

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.ended = threading.Event()

    def refresh(self) -> bool:
        return True

    def send(self, content: Any, buffers: Any = None) -> None:
        self.told.append(Message(content, buffers))
        if content["kind"] == "reproduce.checked" or content["data"].get("state") not in (None, "running"):
            self.ended.set()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    made = Page()
    monkeypatch.setattr(watcher, "_panels", (made,))
    return made


def ask(kind: str, **data: Any) -> Message:
    return answer({"id": "page:1", "kind": kind, "data": data}, run_requests.HANDLERS)


def same_shape(own: Any, example: Any) -> bool:
    """Whether both have the same keys and kinds of values, all the way down; null stands for anything."""
    if own is None or example is None:
        return True
    if isinstance(example, dict):
        return own.keys() == example.keys() and all(same_shape(own[key], example[key]) for key in example)
    if isinstance(example, list):
        return isinstance(own, list) and all(same_shape(one, example[0]) for one in own if example)
    return type(own) is type(example)


def options(run_id: str, **others: Any) -> dict[str, Any]:
    example = read_example("reproduce/reproduce.start")["request"]["data"]
    return {**example, "run_id": run_id, "folder": "again", "verify": False, **others}


def test_the_plan_says_all_that_would_be_done(
    workspace: Path, package_index: Path, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.1: folder, specification, Python, libraries and where each comes from; nothing is done."""
    url = "tools @ https://example.org/tools-1.0.zip"
    _, run = make_run(requirements=["tiny==1.0", url, "--pre", "evil; rm"], files={"notebook/own.py": b""})
    reply = ask("reproduce.plan", run_id=run.info.run_id, folder=None).content["reply"]
    assert same_shape(reply, read_example("reproduce/reproduce.plan")["reply"]["reply"])
    assert reply["folder"] == str(workspace / "train-first")
    assert reply["files"] == ["train.ipynb", "own.py"]
    assert reply["environment"] == EnvironmentWay.NEW.value
    assert json.loads(reply["specification"]) == make_record()
    assert reply["pythons"][0]["is_exact"]
    assert [one["origin"] for one in reply["libraries"]] == ["index", "url", "option", "invalid"]
    assert [one["needs_tick"] for one in reply["libraries"]] == [False, True, True, True]
    assert list(workspace.glob("train*")) == list(places[0].iterdir()) == []
    (workspace / "full").mkdir()
    (workspace / "full/x").write_text("")
    made: list[str] = []
    monkeypatch.setattr(reproduce_requests, "make_plan", lambda _store, run, **_: made.append(run.info.run_id))
    other = ask("reproduce.plan", run_id=run.info.run_id, folder="full").content["reply"]
    assert other["folder_fault"]["hint"]
    assert {**other, "folder": reply["folder"], "folder_fault": None} == reply
    assert made == [], "a plan that is there is not made again while people type a folder"
    assert "fault" in ask("reproduce.plan", run_id=run.info.run_id, folder=3).content
    assert ask("reproduce.plan", run_id="0" * 32, folder=None).content["fault"]["code"] == "RunNotFound"


def test_a_job_is_pushed_as_it_goes_on_and_found_again(
    workspace: Path, package_index: Path, places: tuple[Path, Path], page: Page
) -> None:
    """R7.2: steps, log and outcome; a page that was reloaded asks for the jobs."""
    _, run = make_run()
    job = ask("reproduce.start", **options(run.info.run_id)).content["reply"]["job"]
    assert page.ended.wait(600)
    last = page.told[-1].content
    assert last["kind"] == "reproduce.changed"
    assert last["data"]["id"] == job
    assert last["data"]["state"] == "done"
    assert same_shape(last["data"], read_example("reproduce/reproduce.changed")["push"]["data"])
    names = ["read", "python", "environment", "libraries", "kernel", "notebook"]
    assert [step["name"] for step in last["data"]["steps"]] == names
    assert {step["state"] for step in last["data"]["steps"]} == {"done"}
    assert last["data"]["log"]
    outcome = last["data"]["outcome"]
    assert outcome["notebook"] == str(workspace / "again/train.ipynb")
    assert outcome["kernel"].startswith("trackside-")
    (found,) = [one for one in ask("reproduce.jobs").content["reply"]["jobs"] if one["id"] == job]
    assert found == last["data"]
    assert ask("reproduce.cancel", job=job).content["reply"] == {}
    assert ask("reproduce.cancel", job="none").content["fault"]["code"] == "NotFound"


def test_a_job_that_fails_names_the_library_to_go_on_without(
    workspace: Path, package_index: Path, places: tuple[Path, Path], page: Page
) -> None:
    """R7.2: and the gist of its error."""
    _, run = make_run(requirements=["gone-lib==1.0"])
    ask("reproduce.start", **options(run.info.run_id))
    assert page.ended.wait(600)
    data = page.told[-1].content["data"]
    assert data["state"] == "failed"
    assert data["fault"]["libraries"] == ["gone-lib"]
    assert "gone-lib==1.0" in data["fault"]["message"]
    assert {"name": "libraries", "state": "failed", "note": ""} in data["steps"]
    assert data["outcome"] is None


def test_what_the_index_does_not_have_is_pushed_before_anything_is_installed(
    workspace: Path, package_index: Path, places: tuple[Path, Path], page: Page
) -> None:
    """R7.1: libraries that cannot be had any more are marked beforehand."""
    wheel = make_wheel(workspace, "own", "1.0")
    lines = [
        "tiny==1.0",
        "tiny-gone==1.0",
        f"own @ {wheel.as_uri()}",
        "lost @ file:///nowhere/lost.whl",
        "small-lib==7",
    ]
    _, run = make_run(requirements=lines)
    assert ask("reproduce.check", run_id=run.info.run_id).content["reply"] == {}
    assert page.ended.wait(600)
    push = page.told[-1].content
    assert same_shape(push, read_example("reproduce/reproduce.checked")["push"])
    assert sorted(push["data"]["missing"]) == ["lost @ file:///nowhere/lost.whl", "small-lib==7", "tiny-gone==1.0"]
    assert push["data"]["is_complete"]
    assert sorted(trackside.unavailable_libraries(run.info.run_id)) == sorted(push["data"]["missing"])
    assert list(places[0].iterdir()) == []


def test_the_examples_job_is_what_a_verified_job_looks_like(workspace: Path) -> None:
    """R7.3: numbers travel in buffers, NaN and infinities too."""
    from trackside.reproducing.comparing import Comparison, CurveComparison, MetricComparison, ParamComparison
    from trackside.reproducing.nested import NestedComparison
    from trackside.reproducing.progress import Progress
    from trackside.reproducing.reasons import Kind, Reason
    from trackside.reproducing.reproduction import Reproduction
    from trackside.reproducing.verify import Verdict, Verification
    from trackside.widgets.bridge import Buffers

    _, run = make_run()
    params = (ParamComparison("search", "grid", "grid"), ParamComparison("text", "x", None))
    metrics = (
        MetricComparison("gain", float("inf"), float("inf"), 1e-6, CurveComparison(20, 18)),
        MetricComparison("loss", 0.25, 0.5, 1e-6, CurveComparison(difference=0.5)),
        MetricComparison("time", 3, 3.5, 0.5, CurveComparison(20, 20, 1 / 7, 7)),
    )
    nested = (
        NestedComparison("fold <b>1</b>", "child", "child2", Comparison(metrics=metrics[1:])),
        NestedComparison("fold 2", "child3", None),
    )
    notes = ("What was measured of the system is not compared.",)
    reasons = (Reason(Kind.SEED, "No random seed was set in the notebook."),)
    found = Verification(
        Verdict.DIFFERENT, "child", "", Comparison(params, metrics), reasons, "reproduction/report.html", nested, notes
    )
    done = Reproduction(run.info.run_id, workspace, workspace / "x.ipynb", "kernel", ("tools",), found)
    job = Job(run, Progress(), state=JobState.DONE, done=done)
    buffers = Buffers()
    example = read_example("reproduce/reproduce.changed")
    told = reproduce_requests.describe_job(job, buffers)
    assert told["verification"] == example["push"]["data"]["verification"]
    assert buffers.parts == example["buffers"]
    assert told["outcome"]["left_out"] == ["tools"]


def test_options_that_mean_nothing_are_refused_at_once(workspace: Path) -> None:
    _, run = make_run()
    for wrong in ({"allowed": [1]}, {"without": "numpy"}, {"folder": None}, {"tolerances": []}):
        assert ask("reproduce.start", **options(run.info.run_id, **wrong)).content["fault"]["code"] == "InvalidValue"
    assert not [job for job in jobs.latest_first() if job.run.info.run_id == run.info.run_id]
