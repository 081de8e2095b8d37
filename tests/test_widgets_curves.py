"""Small curves in the list, and lines that are chosen at once."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.entities import Metric
from trackside.stores.uri import open_store
from trackside.widgets import curve_requests, sidebar
from trackside.widgets.bridge import Message, answer
from trackside.widgets.context import read_context
from trackside.widgets.curve_requests import CurveRequests

from .widget_world import START, World, read_example

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(workspace: Path) -> World:
    return World(open_store("sqlite:///mlflow.db"))


@pytest.fixture
def panel(world: World) -> Iterator[sidebar.Panel]:
    trackside.set_experiment(experiment_id=world.experiment_id)
    made = sidebar.Panel()
    yield made
    made.close()


def ask(requests: CurveRequests, **data: Any) -> Message:
    return answer({"id": "page:1", "kind": "curves.read", "data": data}, requests.handlers)


def test_a_long_history_is_thinned_out_and_read_again_only_when_it_moved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4.1: at most 40 points, extremes kept."""
    monkeypatch.setattr("trackside.widgets.curves.REST", 0.0)
    points = [Metric("long", 1e6 if step == 500 else float(step), START + step, step) for step in range(1000)]
    world.store.log_batch(world.child, metrics=points)
    reads: list[str] = []
    history = type(world.store).metric_history
    monkeypatch.setattr(
        type(world.store), "metric_history", lambda store, run_id, key: reads.append(key) or history(store, run_id, key)
    )
    requests = CurveRequests(lambda: world.context)
    for _ in range(2):
        message = ask(requests, run_ids=[world.child, "gone"], keys=["long"])
    [curve] = message.content["reply"]["curves"]
    values = array("d", message.buffers[message.content["reply"]["values"]])
    assert (curve["points"], len(values), max(values), values[-1]) == (40, 40, 1e6, 999.0)
    world.store.log_batch(world.child, metrics=[Metric("long", -1.0, START + 2000, 1000)])
    message = ask(requests, run_ids=[world.child], keys=["long"])
    assert array("d", message.buffers[message.content["reply"]["values"]])[-1] == -1.0
    assert reads == ["long", "long"]


def test_what_there_is_no_time_for_is_left_for_the_next_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow server does not keep the panel waiting; each request gets on with at least one curve."""
    world.store.log_batch(world.child, metrics=[Metric("loss", 1.0, START, 1)])
    monkeypatch.setattr(curve_requests, "BUDGET_S", -1.0)
    requests = CurveRequests(lambda: world.context)
    reply = ask(requests, run_ids=[world.parent, world.child], keys=["loss"]).content["reply"]
    assert reply["left"] == [world.child]
    assert [curve["run_id"] for curve in reply["curves"]] == [world.parent]


def test_the_lines_between_two_runs_are_told(world: World, panel: sidebar.Panel) -> None:
    """R6.4: also those that no page has, and only up to a run that is still there."""
    more = [world._make_run(f"run {number}", START + number, {}) for number in range(300)]
    assert read_context().experiment_id == world.experiment_id
    watch = read_example("runs.watch")["request"]["data"] | {"open": [], "columns": None}
    watch |= {"query": {"filter": "", "order": [], "state": "active", "experiments": None}}
    watch |= {"window": {"offset": 200, "limit": 50, "anchor": None}}
    answer({"id": "page:1", "kind": "runs.watch", "data": watch}, panel._handlers)

    def between(start: str, end: str) -> list[str]:
        request = {"id": "page:2", "kind": "runs.between", "data": {"start": start, "end": end}}
        found: list[str] = answer(request, panel._handlers).content["reply"]["run_ids"]
        return found

    assert between(more[100], more[290]) == between(more[290], more[100]) == more[290:99:-1]
    assert between("gone", more[1]) == [more[1]]
