"""What people do with runs in the panel, on a real store."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from trackside.entities import RunStatus
from trackside.stores.uri import open_store
from trackside.widgets import actions
from trackside.widgets.bridge import Message, answer

from .widget_world import World


@pytest.fixture
def world(workspace: Path) -> World:
    return World(open_store("sqlite:///mlflow.db"))


def ask(kind: str, **data: Any) -> Message:
    return answer({"id": "page:1", "kind": kind, "data": data}, actions.HANDLERS)


def test_a_deletion_names_what_went_along_so_that_it_can_be_undone(world: World) -> None:
    """R9.1"""
    assert ask("descendants.count", run_ids=[world.parent], deleted=False).content["reply"] == {"count": 1}
    done = ask("runs.delete", run_ids=[world.parent], descendants=True).content["reply"]["done"]
    assert set(done) == {world.parent, world.child}
    assert ask("descendants.count", run_ids=[world.parent], deleted=True).content["reply"] == {"count": 1}
    ask("runs.restore", run_ids=done, descendants=False)
    assert {str(world.store.get_run(run_id).info.lifecycle_stage) for run_id in done} == {"active"}


def test_a_run_that_someone_else_purged_meanwhile_is_told_and_the_rest_is_done(world: World) -> None:
    """R9.1: also in the trash."""
    for kind, data in {"runs.delete": {"descendants": False}, "runs.restore": {"descendants": False}}.items():
        reply = ask(kind, run_ids=["gone", world.child], **data).content["reply"]
        assert reply["done"] == [world.child]
        assert [refused["fault"]["code"] for refused in reply["refused"]] == ["RunNotFound"]


def test_a_purge_says_how_many_bytes_before_it_removes_them(world: World) -> None:
    """R9.2"""
    ask("runs.delete", run_ids=[world.parent], descendants=False)
    would = ask("runs.purge", run_ids=[world.parent, world.child], dry_run=True).content["reply"]
    assert would["bytes"] > 4
    assert would["refused"][0]["run_id"] == world.child
    assert ask("runs.purge", run_ids=[world.parent], dry_run=False).content["reply"]["bytes"] == would["bytes"]
    assert ask("run.page", run_id=world.parent).content["fault"]["code"] == "RunNotFound"


def test_a_star_a_note_a_tag_and_names_are_set_on_several_runs(world: World) -> None:
    """R6.4"""
    for key in ("trackside.starred", "mlflow.note.content", " color "):
        ask("tags.set", run_ids=[world.parent, world.child], key=key, value="x")
        assert world.store.get_run(world.child).data.tags[key.strip()] == "x"
    ask("runs.rename", run_ids=[world.parent, world.child], names=["try 1", " try 2 "])
    assert world.store.get_run(world.child).info.run_name == "try 2"
    assert ask("runs.rename", run_ids=[world.child], names=[" "]).content["fault"]["code"] == "InvalidValue"
    ask("tags.delete", run_ids=[world.parent, world.child], key="color")
    assert "color" not in world.store.get_run(world.parent).data.tags


def test_csv_comes_to_the_browser_or_to_a_new_file(world: World) -> None:
    """R8.7: a file that is there is never overwritten."""
    message = ask("runs.csv", run_ids=[world.child, world.parent], download=True)
    text = message.buffers[message.content["reply"]["content"]].decode()
    assert text.splitlines()[0].startswith("Run ID,Name,Source Type,Source Name,User,Status,")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == [world.child, world.parent]
    paths = [ask("runs.csv", run_ids=[world.child], download=False).content["reply"]["path"] for _ in range(2)]
    assert [Path(path).name for path in paths] == ["trackside-runs.csv", "trackside-runs-2.csv"]
    assert all(Path(path).read_text().splitlines()[1].startswith(world.child) for path in paths)


def test_csv_of_the_panel_holds_no_formulas(world: World) -> None:
    """R8.7: names come from anybody's run, and people open the file in a spreadsheet."""
    world.store.update_run(world.child, run_name="=cmd|x")
    message = ask("runs.csv", run_ids=[world.child], download=True)
    assert b",'=cmd|x," in bytes(message.buffers[message.content["reply"]["content"]])


def test_a_run_that_nobody_watches_is_closed_as_failed(world: World) -> None:
    reply = ask("runs.close", run_ids=[world.parent, world.child]).content["reply"]
    assert reply["done"] == [world.child]
    assert world.store.get_run(world.child).info.status is RunStatus.FAILED


def test_the_running_cell_is_interrupted() -> None:
    def run_cell() -> None:
        ask("kernel.interrupt")
        threading.Event().wait(120)

    with pytest.raises(KeyboardInterrupt):
        run_cell()


@pytest.mark.parametrize("run_ids", [[], [1], ["x"] * 10_001])
def test_runs_that_are_none_are_refused(world: World, run_ids: list[Any]) -> None:
    assert ask("runs.delete", run_ids=run_ids, descendants=True).content["fault"]["code"] == "InvalidValue"


@pytest.mark.parametrize("flag", [None, 1, "yes"])
def test_a_flag_is_true_or_false(world: World, flag: Any) -> None:
    assert ask("runs.delete", run_ids=["x"], descendants=flag).content["fault"]["code"] == "InvalidValue"
