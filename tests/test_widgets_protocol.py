"""The kernel's side of the messages, held to the examples in `tests/protocol`.

`js/test/protocol.test.ts` and `js/test/lab-protocol.test.ts` hold the front end's side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.notebook import session as notebook_session
from trackside.stores.uri import open_store
from trackside.widgets import actions, run_requests, run_view
from trackside.widgets.bridge import FIELDS, answer
from trackside.widgets.curve_requests import CurveRequests
from trackside.widgets.host import Host
from trackside.widgets.list_requests import ListRequests
from trackside.widgets.query import Fold, Watch, read_watch
from trackside.widgets.snapshot import Reader

from .widget_world import EXAMPLES, World, read_example

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(workspace: Path) -> World:
    return World(open_store("sqlite:///mlflow.db"))


APART = {"runs.watch", "runs.leave", "runs.between", "runs.csv", "kernel.interrupt", "experiments.list"}
"""What these answer, or do, depends on the place; tests of theirs have them."""
OF_ONE_RUN = {path.stem for path in (EXAMPLES / "run").glob("*.json")}
OF_COMPARING = {path.stem for path in (EXAMPLES / "compare").glob("*.json")}
"""`test_widgets_compare.py` has these."""
OF_REPRODUCING = {path.stem for path in (EXAMPLES / "reproduce").glob("*.json")}
OF_DIFFERENCES = {path.stem for path in (EXAMPLES / "diff").glob("*.json")}
"""`test_widgets_run_view.py`, `test_widgets_diff.py` and `test_widgets_reproduce.py` have these."""


HERE = FIELDS.keys() - APART - OF_ONE_RUN - OF_COMPARING - OF_REPRODUCING - OF_DIFFERENCES


@pytest.mark.parametrize("name", [*sorted(HERE), "fault"])
def test_an_examples_request_is_answered_with_its_reply(world: World, name: str) -> None:
    """R4.2, R5.1, R6.1, R6.2: each request about a run."""
    example = read_example(name)
    listing = {**ListRequests(lambda: world.context).handlers, **CurveRequests(lambda: world.context).handlers}
    message = answer(world.with_ids(example["request"]), {**run_requests.HANDLERS, **actions.HANDLERS, **listing})
    assert world.named(message) == example["reply"]
    assert message.buffers == example["buffers"]


def test_the_examples_snapshot_is_what_the_store_holds(world: World) -> None:
    """R4.1: rows, metrics and details as they travel, markup, NaN and infinities included."""
    example = read_example("runs.watch")
    watch = read_watch(world.with_ids(example["request"])["data"])
    message = Reader().take(world.context, watch, answers_while_busy=True)
    assert world.named(message) == example["reply"]["reply"]
    assert message.buffers == example["buffers"]


def test_the_examples_push_is_a_snapshot(world: World) -> None:
    example = read_example("runs.changed")
    message = Reader().take(world.context, Watch(fold=Fold(all=True)), answers_while_busy=True)
    assert {"kind": "runs.changed", "client": "page", "data": world.named(message)} == example["push"]
    assert message.buffers == example["buffers"]


def test_every_kind_of_request_has_an_example() -> None:
    kinds = {path.stem for path in EXAMPLES.rglob("*.json") if not path.stem.startswith("host.")}
    assert kinds == {
        *FIELDS,
        "runs.changed",
        "reproduce.changed",
        "reproduce.checked",
        "compare.changed",
        "diff.stale",
        "fault",
    }


class NoComm:
    """The end of a comm, without a kernel."""

    comm_id = "comm-1"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.receive: Any = None
        self.end: Any = None

    def send(self, data: dict[str, Any]) -> None:
        self.sent.append(data)

    def on_msg(self, callback: Any) -> None:
        self.receive = callback

    def on_close(self, callback: Any) -> None:
        self.end = callback


class Listener:
    """Stands where the notebook session is."""

    notebook_id = None
    display_path = "wine.ipynb"

    def __init__(self) -> None:
        self.synced: list[tuple[Any, str]] = []
        self.closed: list[str] = []
        self.identified: Any = None

    def sync(self, message: Any, host: str) -> None:
        self.synced.append((message, host))

    def host_closed(self, host: str) -> None:
        self.closed.append(host)

    def on_identified(self, callback: Any) -> None:
        self.identified = callback

    def stop(self) -> None:
        """Nothing to stop."""


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    made = Listener()
    monkeypatch.setattr(notebook_session, "current", lambda: made)
    return made


def test_the_notebook_sync_goes_to_the_session_whether_it_comes_first_or_later(listener: Listener) -> None:
    """R1.11: the session hears of unsaved edits, and from which page."""
    message = read_example("host.notebook.sync")["message"]
    host, comm = Host(), NoComm()
    host.connect(comm, {"content": {"data": message}})
    comm.receive({"content": {"data": message}})
    assert listener.synced == [(message, "comm-1")] * 2
    assert host.is_connected
    comm.end({})
    assert listener.closed == ["comm-1"]
    assert not host.is_connected


def test_the_host_is_told_the_notebooks_id_and_to_show_the_panel(listener: Listener) -> None:
    """R2.2: the id is kept in the notebook by the page."""
    host, comm = Host(), NoComm()
    host.connect(comm, {"content": {"data": {}}})
    example = read_example("host.notebook.identify")["message"]
    listener.identified(example["notebook_id"])
    host.tell({"kind": "panel.reveal"})
    assert comm.sent == [example, read_example("host.panel.reveal")["message"]]


def test_the_host_is_given_the_panel_or_told_why_there_is_none(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    """R4.1: the panel opens without a cell."""
    from trackside.widgets import sidebar

    host, comm = Host(), NoComm()
    host.connect(comm, {"content": {"data": read_example("host.panel.open")["message"]}})
    (ready,) = comm.sent
    assert ready.keys() == read_example("host.panel.ready")["message"].keys()
    assert ready["model_id"] == sidebar.sidebar().model_id
    pushed: list[object] = []
    monkeypatch.setattr(sidebar.sidebar(), "send", lambda content, buffers: pushed.append(content["kind"]))
    comm.receive({"content": {"data": read_example("host.panel.push")["message"]}})
    assert "runs.changed" in pushed
    sidebar.sidebar().close()

    monkeypatch.setattr(sidebar, "sidebar", lambda **_: 1 / 0)
    comm.receive({"content": {"data": {"kind": "panel.open"}}})
    failed = comm.sent[-1]
    assert failed.keys() == read_example("host.panel.failed")["message"].keys()
    assert failed["message"] == "ZeroDivisionError: division by zero"


def test_a_tab_from_before_a_reload_is_given_its_run_and_its_notebook_again(
    workspace: Path,
) -> None:
    """R4.2, R5.1: the view that there is, a fresh one for a page that cannot learn of it, and why there is none."""
    with trackside.start_run(run_name="kept") as run:
        trackside.log_text('{"cells": []}', "made/copy.ipynb")
    run_id, comm = run.info.run_id, NoComm()
    Host().connect(comm, {"content": {"data": {}}})

    def ask(name: str, **data: Any) -> dict[str, Any]:
        comm.receive({"content": {"data": {**read_example(f"host.{name}")["message"], "run_id": run_id, **data}}})
        answer: dict[str, Any] = comm.sent.pop()
        assert answer.keys() == read_example(f"host.{answer['kind']}")["message"].keys()
        return answer

    first, again, fresh = (ask("run.open", **data)["model_id"] for data in ({}, {}, {"fresh": True}))
    assert first == again != fresh
    assert run_view.find_view(run_id).model_id == fresh
    assert ask("revision.read", path="made/copy.ipynb")["notebook"] == '{"cells": []}'
    assert "kept" in ask("revision.read")["message"]
    assert "gone" in ask("revision.read", run_id="gone")["message"]


@pytest.mark.parametrize(
    "message", [{}, {"content": None}, {"content": {"data": []}}, {"content": {"data": {"kind": 1}}}]
)
def test_a_message_that_means_nothing_is_left_alone(listener: Listener, message: dict[str, Any]) -> None:
    host, comm = Host(), NoComm()
    host.connect(comm, message)
    assert comm.sent == listener.synced == []


def test_a_page_that_cannot_be_reached_is_forgotten(listener: Listener) -> None:
    host, comm = Host(), NoComm()
    host.connect(comm, {})
    comm.send = lambda data: 1 / 0  # type: ignore[method-assign, return-value, assignment]
    host.tell({"kind": "panel.reveal"})
    assert not host.is_connected
