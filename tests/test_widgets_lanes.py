"""A store that takes its time holds up neither the rest of the panel nor what people change there one by one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from trackside.widgets import widget as widget_module
from trackside.widgets.lanes import Lanes
from trackside.widgets.sidebar import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_S = 120


class Slow:
    """A panel on a store that takes its time; what it sends is kept."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.came = threading.Condition()
        self.panel = Panel()

    def take(self, content: dict[str, Any]) -> None:
        with self.came:
            self.sent.append(content)
            self.came.notify_all()

    def ask(self, request_id: str, kind: str) -> None:
        data = {"names.list": {"query": {}}, "run.rename": {"run_id": "r", "name": "n"}}.get(kind, {})
        self.panel._receive(self.panel, {"id": request_id, "kind": kind, "data": data}, [])

    def wait(self, request_id: str, told: str) -> None:
        with self.came:
            assert self.came.wait_for(
                lambda: any(content.get("id") == request_id and told in content for content in self.sent), PATIENCE_S
            )

    def is_told(self, request_id: str, told: str) -> bool:
        return any(content.get("id") == request_id and told in content for content in self.sent)


@pytest.fixture
def slow(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    monkeypatch.setattr(widget_module, "takes_its_time", lambda: True)
    shown: list[Slow] = []
    monkeypatch.setattr(Panel, "send", lambda _self, content, buffers=None: [one.take(content) for one in shown])
    shown.append(Slow())
    yield shown[0]
    shown[0].panel.close()


def test_a_slow_answer_does_not_hold_up_another_one(slow: Slow) -> None:
    """R4.1: and the page hears at once that the kernel is at work, so that it does not take it for gone."""
    gate = threading.Event()
    slow.panel._handlers = {**slow.panel._handlers, "names.list": lambda _request, _buffers: {"names": gate.wait()}}
    slow.ask("page:1", "names.list")
    slow.wait("page:1", "begun")
    slow.ask("page:2", "experiments.list")
    slow.wait("page:2", "reply")
    assert not slow.is_told("page:1", "reply")
    gate.set()
    slow.wait("page:1", "reply")


def test_changes_are_made_in_the_order_in_which_they_were_asked_for(slow: Slow) -> None:
    """R6.1: a name that was given last stays."""
    gate, names = threading.Event(), list[str]()

    def rename(request: Any, _buffers: object) -> dict[str, Any]:
        gate.wait()
        names.append(request.id)
        return {}

    slow.panel._handlers = {**slow.panel._handlers, "run.rename": rename}
    for number in range(5):
        slow.ask(f"page:{number}", "run.rename")
    gate.set()
    slow.wait("page:4", "reply")
    assert names == [f"page:{number}" for number in range(5)]


def test_a_lane_goes_on_after_a_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    lanes, is_done = Lanes(), threading.Event()
    lanes.put("one", lambda: 1 / 0)
    lanes.put("one", is_done.set)
    assert is_done.wait(PATIENCE_S)
    assert "division by zero" in caplog.text


def test_what_is_waited_for_is_not_waited_for_longer_than_it_may_take() -> None:
    lanes, gate = Lanes(), threading.Event()
    lanes.wait_for("one", gate.wait, 0.01)
    assert not gate.is_set()
    gate.set()
    lanes.wait_for("one", lambda: None, PATIENCE_S)
