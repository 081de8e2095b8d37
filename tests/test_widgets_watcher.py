"""The panel hears of what changed, soon, once, and not too often; and nothing runs when it is closed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.tracking import session
from trackside.widgets import sidebar as sidebar_module
from trackside.widgets import widget as widget_module
from trackside.widgets.context import Context, read_context
from trackside.widgets.sidebar import Panel
from trackside.widgets.watcher import POLL_S, PUSH_S, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 120


class Pushes:
    """What a panel sent."""

    def __init__(self) -> None:
        self.snapshots: list[dict[str, Any]] = []
        self.pages: list[str] = []
        self.times: list[float] = []
        self.replies: list[dict[str, Any]] = []
        self.came = threading.Condition()

    def take(self, content: dict[str, Any], _buffers: object = None) -> None:
        with self.came:
            if content.get("kind") == "runs.changed":
                self.snapshots.append(content["data"])
                self.pages.append(content["client"])
                self.times.append(time.monotonic())
            else:
                self.replies.append(content)
            self.came.notify_all()

    def wait(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The last snapshot, once it is as wanted."""
        with self.came:
            assert self.came.wait_for(lambda: bool(self.snapshots) and is_wanted(self.snapshots[-1]), PATIENCE_S)
            return self.snapshots[-1]

    def wait_for_page(self, page: str, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first snapshot for this page that is as wanted."""

        def find() -> dict[str, Any] | None:
            of_page = (told for told, client in zip(self.snapshots, self.pages, strict=True) if client == page)
            return next((told for told in of_page if told["rows"] and is_wanted(told)), None)

        with self.came:
            found = self.came.wait_for(find, PATIENCE_S)
            assert found
            return found


@pytest.fixture
def pushes(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pushes]:
    """A panel that is watched; what it sends is kept."""
    seen = Pushes()
    monkeypatch.setattr(Panel, "send", lambda _self, content, buffers=None: seen.take(content, buffers))
    panel = sidebar_module.sidebar()
    seen.wait(lambda snapshot: True)
    yield seen
    panel.close()
    wait_until(lambda: not widget_module.watcher.is_running)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def names(snapshot: dict[str, Any]) -> list[str]:
    return [row["name"] for row in snapshot["rows"]]


def statuses(snapshot: dict[str, Any]) -> list[str]:
    return [row["status"] for row in snapshot["rows"]]


def test_a_run_and_its_end_are_pushed(pushes: Pushes) -> None:
    """R4.1"""
    with trackside.start_run(run_name="live"):
        assert names(pushes.wait(lambda snapshot: statuses(snapshot) == ["RUNNING"])) == ["live"]
    pushes.wait(lambda snapshot: statuses(snapshot) == ["FINISHED"])


def test_a_run_of_another_process_is_pushed(pushes: Pushes, script_environment: dict[str, str]) -> None:
    """R4.1: two kernels on the same notebook."""
    source = "import trackside\nwith trackside.start_run(run_name='elsewhere'): pass"
    subprocess.run([sys.executable, "-c", source], env=script_environment, check=True, timeout=240)
    pushes.wait(lambda snapshot: statuses(snapshot) == ["FINISHED"])


def test_another_experiment_or_store_is_followed(pushes: Pushes, workspace: Path) -> None:
    """R2.1, R2.5"""
    trackside.set_experiment("other")
    pushes.wait(lambda snapshot: snapshot["experiment"]["name"] == "other")
    trackside.set_tracking_uri(f"sqlite:///{workspace}/second.db")
    snapshot = pushes.wait(lambda snapshot: snapshot["store"]["uri"].endswith("second.db"))
    assert snapshot["experiment"] == {"id": None, "name": "other"}


def test_a_store_that_cannot_be_used_is_shown_and_left_again(pushes: Pushes) -> None:
    """R4.1: the watcher survives."""
    trackside.set_tracking_uri("carrier-pigeon://loft")
    fault = pushes.wait(lambda snapshot: snapshot["store"]["fault"] is not None)["store"]["fault"]
    assert fault["code"] == "UnknownStore"
    assert "carrier-pigeon" in fault["message"]
    trackside.set_tracking_uri(None)
    pushes.wait(lambda snapshot: snapshot["store"]["fault"] is None)


def test_what_changed_but_looks_the_same_is_not_pushed(pushes: Pushes) -> None:
    """R4.1: a change in another experiment is none here."""
    store = session.current_store()
    other = store.create_experiment("other")
    store.create_run(other, run_name="unseen", user_id="ada", start_time=1)
    before = len(pushes.snapshots)
    with trackside.start_run(run_name="seen"):
        pushes.wait(lambda snapshot: names(snapshot) == ["seen"])
    assert all(snapshot["rows"] for snapshot in pushes.snapshots[before:])


def test_pushes_come_at_most_five_times_a_second(pushes: Pushes) -> None:
    """R4.1: 27,000 messages in 8 seconds stop a notebook's output."""
    began, before = time.monotonic(), len(pushes.times)
    steps = count()
    with trackside.start_run():
        while len(pushes.times) < before + 4:
            trackside.log_metric("loss", step := next(steps), step=step)
            time.sleep(0.002)
    pushes.wait(lambda snapshot: statuses(snapshot) == ["FINISHED"])
    assert len(pushes.times) - before <= (pushes.times[-1] - began) / PUSH_S + 2


def test_the_changes_that_people_make_in_the_panel_are_pushed_before_they_are_answered(pushes: Pushes) -> None:
    """R6.1: so that nothing flickers."""
    with trackside.start_run() as run:
        pass
    pushes.wait(lambda snapshot: statuses(snapshot) == ["FINISHED"])
    panel = sidebar_module.sidebar()
    data = {"run_id": run.info.run_id, "name": "renamed"}
    panel._receive(panel, {"id": "page:1", "kind": "run.rename", "data": data}, [])
    assert names(pushes.snapshots[-1]) == ["renamed"]
    assert pushes.replies == [{"id": "page:1", "reply": {}}]


def test_two_pages_on_one_panel_each_get_what_they_unfolded(pushes: Pushes) -> None:
    """R4.1: two browser tabs."""
    ids = []
    for _ in range(3):
        with trackside.start_run() as run:
            ids.append(run.info.run_id)
    panel = sidebar_module.sidebar()
    for page, run_id, limit in (("left", ids[0], 1), ("right", ids[1], 2)):
        data = {"query": {"order": ["start_time"]}, "window": {"limit": limit}, "open": [run_id]}
        panel._receive(panel, {"id": f"{page}:1", "kind": "runs.watch", "data": data}, [])
    trackside.rename_run(ids[0], "renamed")
    for page, run_id, limit in (("left", ids[0], 1), ("right", ids[1], 2)):
        snapshot = pushes.wait_for_page(page, lambda snapshot: names(snapshot)[0] == "renamed")
        assert [detail["run_id"] for detail in snapshot["details"]] == [run_id]
        assert len(snapshot["rows"]) == limit


def test_a_page_that_left_is_told_no_more(pushes: Pushes) -> None:
    """A page that was loaded again leaves its old self behind; nobody looks for the runs that were in sight there."""
    with trackside.start_run() as run:
        pass
    panel = sidebar_module.sidebar()
    data = {"query": {}, "window": {}, "open": []}
    for page in ("old", "new"):
        panel._receive(panel, {"id": f"{page}:1", "kind": "runs.watch", "data": data}, [])
    panel._receive(panel, {"id": "old:2", "kind": "runs.leave", "data": {}}, [])
    trackside.rename_run(run.info.run_id, "renamed")
    pushes.wait_for_page("new", lambda snapshot: names(snapshot) == ["renamed"])
    assert "old" not in pushes.pages
    panel._receive(panel, {"id": "new:2", "kind": "runs.leave", "data": {}}, [])
    trackside.rename_run(run.info.run_id, "renamed again")
    pushes.wait_for_page("", lambda snapshot: names(snapshot) == ["renamed again"])


def test_the_panel_is_one_until_it_is_closed(pushes: Pushes) -> None:
    first = sidebar_module.sidebar()
    assert sidebar_module.sidebar() is first
    first.close()
    wait_until(lambda: not widget_module.watcher.is_running)
    second = sidebar_module.sidebar()
    assert second is not first
    assert widget_module.watcher.is_running
    second.close()


class Quiet:
    """A panel that counts."""

    is_open = True

    def __init__(self) -> None:
        self.refreshed = 0

    def refresh(self) -> bool:
        self.refreshed += 1
        return True


def test_a_quiet_store_is_asked_often_and_read_once(workspace: Path) -> None:
    """R4.1: what stands still is not read again and again."""
    asked = threading.Semaphore(0)

    def read() -> Context:
        asked.release()
        return read_context()

    watcher, panel = Watcher(read), Quiet()
    watcher.add(panel)
    for _ in range(8):
        assert asked.acquire(timeout=PATIENCE_S)
    assert panel.refreshed == 1
    watcher.remove(panel)
    wait_until(lambda: not watcher.is_running)


def test_a_broken_store_is_not_asked_without_a_pause(workspace: Path) -> None:
    """R4.1: the watcher never spins."""
    asked: list[float] = []

    def read() -> Context:
        asked.append(time.monotonic())
        raise OSError(f"number {len(asked)}")

    watcher, panel = Watcher(read), Quiet()
    watcher.add(panel)
    wait_until(lambda: len(asked) >= 6)
    watcher.remove(panel)
    wait_until(lambda: not watcher.is_running)
    gaps = [later - earlier for earlier, later in pairwise(asked[1:])]
    assert min(gaps) > 0.75 * POLL_S


def test_a_panel_that_fails_does_not_keep_the_others_from_news(workspace: Path) -> None:
    class Broken(Quiet):
        def refresh(self) -> bool:
            super().refresh()
            raise RuntimeError("gone")

    watcher, broken, panel = Watcher(), Broken(), Quiet()
    watcher.add(broken)
    watcher.add(panel)
    wait_until(lambda: broken.refreshed >= 1 and panel.refreshed >= 1)
    broken.is_open = panel.is_open = False
    wait_until(lambda: not watcher.is_running)
