"""One run as a view of its own, and what a run is seen beside; its messages are held to `tests/protocol/run`.

`js/test/run-examples.ts` holds the front end's side.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.entities import Tag
from trackside.errors import RunNotFoundError
from trackside.notebook import session as notebook_session
from trackside.widgets import kept_views, run_requests, run_view
from trackside.widgets.bridge import Message, answer

from .family_world import Family
from .widget_world import read_example

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def family(workspace: Path) -> Family:
    return Family()


@pytest.fixture
def view(family: Family) -> Iterator[run_view.RunView]:
    made = run_view.run_view(family.later)
    yield made
    made.close()


def ask(view: run_view.RunView, kind: str, **data: Any) -> Message:
    return answer({"id": "page:1", "kind": kind, "data": data}, view._handlers)


def pushed(view: run_view.RunView, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the view sends from now on."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(view, "send", lambda content, _buffers=None: sent.append(content))
    return sent


@pytest.mark.parametrize(
    "name", ["run.changes", "run.children", "run.environment", "artifact.chunk", "artifact.table", "models.list"]
)
def test_an_examples_request_is_answered_with_its_reply(family: Family, name: str) -> None:
    """R4.2: what changed since the run before, children, environment."""
    example = read_example(f"run/{name}")
    message = answer(family.with_ids(example["request"]), run_requests.HANDLERS)
    assert family.named(message) == example["reply"]
    assert message.buffers == example["buffers"]


def test_a_run_says_which_run_it_reproduces(family: Family) -> None:
    """R7.3: the run view leads to the difference; a run that is gone is none."""
    request = read_example("run/run.changes")["request"]
    for run_id, told in ((family.parent, "parent"), ("0" * 32, None)):
        tags = {"trackside.reproduces": run_id, "trackside.reproduction.verdict": "same"}
        family.store.log_batch(family.later, tags=[Tag(key, value) for key, value in tags.items()])
        reply = family.named(answer(family.with_ids(request), run_requests.HANDLERS))["reply"]
        assert (reply["reproduces"] or {}).get("run_id") == told
        assert reply["verdict"] == "same"


def test_the_examples_run_is_what_the_view_shows(family: Family, view: run_view.RunView) -> None:
    """R4.2: head, details and neighbours."""
    example = read_example("run/run.watch")
    message = answer(family.with_ids(example["request"]), view._handlers)
    assert family.named(message) == example["reply"]
    assert message.buffers == example["buffers"]


def test_a_view_knows_its_notebook(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page remembers of it, such as an action that a dead kernel did not do, is told where it belongs."""
    with monkeypatch.context() as patched:
        patched.setattr(notebook_session, "current", lambda: SimpleNamespace(display_path="wine/a.ipynb"))
        made = run_view.RunView(family.later)
    assert made.place == "wine/a.ipynb"
    made.close()


def test_what_changes_is_pushed_while_someone_looks(
    family: Family, view: run_view.RunView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4.2: and nothing when nothing changed, or when nobody looks."""
    sent = pushed(view, monkeypatch)
    assert view.refresh()
    assert sent == []
    ask(view, "run.watch", run_id=family.later)
    view.refresh()
    assert sent == []
    family.store.update_run(family.later, run_name="renamed")
    view.refresh()
    assert [(message["kind"], message["data"]["head"]["name"]) for message in sent] == [("run.changed", "renamed")]
    ask(view, "run.leave")
    family.store.update_run(family.later, run_name="again")
    view.refresh()
    assert len(sent) == 1


def test_a_run_that_someone_deleted_says_so_and_one_that_was_purged_too(
    family: Family, view: run_view.RunView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4.2: while the view is open."""
    ask(view, "run.watch", run_id=family.later)
    sent = pushed(view, monkeypatch)
    family.store.delete_run(family.later)
    view.refresh()
    family.store.purge_run(family.later)
    view.refresh()
    stages = [(message["data"]["stage"], message["data"]["head"] is None) for message in sent]
    assert stages == [("deleted", False), ("gone", True)]
    assert ask(view, "run.watch", run_id="none").content["reply"]["stage"] == "gone"


def test_a_view_goes_on_to_another_run(family: Family, view: run_view.RunView) -> None:
    """R4.2: neighbours are the runs of the same level."""
    reply = ask(view, "run.watch", run_id=family.later).content["reply"]
    assert (reply["previous"]["run_id"], reply["next"]) == (family.parent, None)
    reply = ask(view, "run.watch", run_id=family.child).content["reply"]
    assert (reply["previous"], reply["next"], reply["parent"]["run_id"]) == (None, None, family.parent)
    assert view.run_id == family.child


def test_a_store_that_cannot_be_read_is_said(
    family: Family, view: run_view.RunView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_view.session, "current_store", lambda: 1 / 0)
    reply = ask(view, "run.watch", run_id=family.later).content["reply"]
    assert reply["store"]["fault"]["message"] == "ZeroDivisionError: division by zero"


def test_a_tab_gets_the_view_that_shows_the_run_already(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.2: and so many views are kept, no more."""
    monkeypatch.setattr(kept_views, "MAX_VIEWS", 2)
    views = [run_view.find_view(run_id) for run_id in (family.parent, family.child, family.parent, family.later)]
    assert views[0] is views[2]
    assert [view.is_open for view in views] == [True, False, True, True]
    request = {"id": "page:1", "kind": "run.open", "data": {"run_id": family.later}}
    assert answer(request, run_requests.HANDLERS).content["reply"] == {"model_id": views[3].model_id}
    for view in (views[0], views[3]):
        view.close()


def test_a_run_that_is_not_there_has_no_view(family: Family) -> None:
    with pytest.raises(RunNotFoundError):
        trackside.run_view("none")
    request = {"id": "page:1", "kind": "run.open", "data": {"run_id": "none"}}
    assert answer(request, run_requests.HANDLERS).content["fault"]["code"] == "RunNotFound"


@pytest.mark.parametrize("record", [{}, {"python": 1, "platform": [], "cpu": None, "gpus": {}, "distributions": 3}])
def test_an_environment_that_was_damaged_shows_what_there_is(family: Family, record: dict[str, Any]) -> None:
    family._record(family.later, record, "c")
    request = {"id": "page:1", "kind": "run.environment", "data": {"run_id": family.later}}
    found = answer(request, run_requests.HANDLERS).content["reply"]["environment"]
    assert (found["python"], found["cpu_count"], found["gpus"], found["packages"]) == ("", None, [], [])


def test_a_run_of_another_program_has_no_environment(family: Family) -> None:
    request = {"id": "page:1", "kind": "run.environment", "data": {"run_id": family.child}}
    assert answer(request, run_requests.HANDLERS).content["reply"] == {"environment": None}


def test_parts_of_the_front_end_are_given_by_name_and_nothing_else_is(family: Family) -> None:
    request = {"id": "page:1", "kind": "part.read", "data": {"name": "markdown"}}
    message = answer(request, run_requests.HANDLERS)
    assert b"renderMarkdown" in gzip.decompress(message.buffers[message.content["reply"]["content"]])
    for name in ("widget", "../widget", "/etc/passwd"):
        refused = answer({**request, "data": {"name": name}}, run_requests.HANDLERS)
        assert refused.content["fault"]["code"] == "InvalidValue"
        assert "restart the kernel" in refused.content["fault"]["hint"]


def test_every_request_of_the_view_has_an_example() -> None:
    folder = Path(__file__).parent / "protocol" / "run"
    assert {path.stem for path in folder.glob("*.json")} == {
        "artifact.chunk",
        "artifact.table",
        "commit.read",
        "part.read",
        "run.changes",
        "run.children",
        "run.environment",
        "models.list",
        "run.leave",
        "run.open",
        "run.watch",
    }
