"""A star costs no more than its own change: it is answered when it is stored, and the list is not looked up for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.widgets import widget as widget_module
from trackside.widgets.bridge import Message
from trackside.widgets.sidebar import Panel
from trackside.widgets.snapshot import Reader
from trackside.widgets.watcher import LONGEST_QUIET_S, Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAR = "trackside.starred"
PATIENCE_S = 120


class Page:
    """A panel, and what it sends and looks up on this thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[dict[str, Any]] = []
        self.looks = 0
        here, take = threading.get_ident(), Reader.take

        def counted(reader: Reader, *args: Any, **options: Any) -> Message:
            self.looks += threading.get_ident() == here
            return take(reader, *args, **options)

        monkeypatch.setattr(widget_module.watcher, "add", lambda _panel: None)
        monkeypatch.setattr(Panel, "send", lambda _self, content, buffers=None: self.sent.append(content))
        monkeypatch.setattr(Reader, "take", counted)
        self.panel = Panel()

    def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """The answer; what was sent and looked up before is forgotten."""
        self.sent.clear()
        self.looks = 0
        self.panel._receive(self.panel, {"id": "page:1", "kind": kind, "data": data}, [])
        return next(content["reply"] for content in self.sent if content.get("id") == "page:1")


@pytest.fixture
def page(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    made = Page(monkeypatch)
    yield made
    made.panel.close()


def make_run() -> str:
    with trackside.start_run() as run:
        return run.info.run_id


def test_a_star_is_answered_when_it_is_stored_and_nothing_is_listed_anew_for_it(page: Page) -> None:
    """R6.1: also with 100,000 runs, and while a cell computes."""
    run_id = make_run()
    for kind, value in (("tags.set", {"value": "true"}), ("tags.delete", {})):
        assert page.ask(kind, run_ids=[run_id], key=STAR, **value)["done"] == [run_id]
        assert (len(page.sent), page.looks) == (1, 0)
        assert (STAR in trackside.get_run(run_id).data.tags) == (kind == "tags.set")


def test_any_other_change_is_shown_before_it_is_answered(page: Page) -> None:
    """R6.1"""
    run_id = make_run()
    page.ask("tags.set", run_ids=[run_id], key="color", value="blue")
    assert ([content.get("kind", "") for content in page.sent], page.looks) == (["runs.changed", ""], 1)


def test_a_snapshot_from_before_a_star_is_not_pushed_after_it(page: Page) -> None:
    """R6.1: a page would take the star back."""
    run_id = make_run()

    def star_meanwhile() -> Message:
        page.ask("tags.set", run_ids=[run_id], key=STAR, value="true")
        return Message({"rows": []})

    assert page.panel.push_new(star_meanwhile, None, {"kind": "runs.changed"}) is None
    assert "runs.changed" not in [content.get("kind") for content in page.sent]
    assert page.panel.push_new(lambda: Message({"rows": []}), None, {"kind": "runs.changed"}) is not None
    assert page.sent[-1] == {"kind": "runs.changed", "data": {"rows": []}}


class Watched:
    """Stands where a panel is, and notes how often it is refreshed."""

    is_open = True

    def __init__(self) -> None:
        self.refreshed = threading.Semaphore(0)
        self.count = 0

    def refresh(self) -> bool:
        self.count += 1
        self.refreshed.release()
        return True

    def send(self, content: Any, buffers: Any = None) -> None:
        """Nobody listens."""


@pytest.fixture
def watched(workspace: Path) -> Iterator[tuple[Watcher, Watched]]:
    watcher, panel = Watcher(), Watched()
    watcher.add(panel)
    assert panel.refreshed.acquire(timeout=PATIENCE_S)
    yield watcher, panel
    watcher.remove(panel)


def test_nobody_looks_while_a_person_changes_something_and_everybody_does_afterwards(
    watched: tuple[Watcher, Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4.1"""
    watcher, panel = watched
    looks, is_past = threading.Semaphore(0), watcher._may_refresh
    monkeypatch.setattr("trackside.widgets.watcher.LONGEST_QUIET_S", 1000 * LONGEST_QUIET_S)
    monkeypatch.setattr(watcher, "_may_refresh", lambda: (looks.release(), is_past())[1])
    with watcher.held_back():
        before = panel.count
        make_run()
        assert all(looks.acquire(timeout=PATIENCE_S) for _ in range(3))
        assert panel.count == before
    assert panel.refreshed.acquire(timeout=PATIENCE_S)


def test_changes_that_never_end_are_looked_at_all_the_same(watched: tuple[Watcher, Watched]) -> None:
    """R4.1: within a second or so."""
    watcher, panel = watched
    with watcher.held_back():
        watcher._quiet_until *= 2
        make_run()
        assert panel.refreshed.acquire(timeout=PATIENCE_S)
