"""What people do with a run in the panel, on a real store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from trackside.stores.uri import open_store
from trackside.widgets import run_requests
from trackside.widgets.bridge import Message, answer

from .widget_world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(workspace: Path) -> World:
    return World(open_store("sqlite:///mlflow.db"))


def ask(kind: str, **data: Any) -> Message:
    return answer({"id": "page:1", "kind": kind, "data": data}, run_requests.HANDLERS)


def fault_of(message: Message) -> dict[str, str]:
    return message.content["fault"]


def test_a_run_is_renamed_in_both_places_that_mlflow_reads(world: World) -> None:
    """R6.2"""
    assert "reply" in ask("run.rename", run_id=world.parent, name="  better  ").content
    run = world.store.get_run(world.parent)
    assert run.info.run_name == run.data.tags["mlflow.runName"] == "better"


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000])
def test_a_name_that_cannot_be_is_refused(world: World, name: str) -> None:
    """R6.2"""
    assert fault_of(ask("run.rename", run_id=world.parent, name=name))["code"] == "InvalidValue"
    assert world.store.get_run(world.parent).info.run_name == "sweep <b>1</b>"


def test_tags_are_added_changed_and_deleted(world: World) -> None:
    """R6.1: with values that look like markup, and empty ones."""
    for value in ("<script>alert(1)</script>\n🌲", ""):
        ask("tag.set", run_id=world.parent, key="note to self", value=value)
        assert world.store.get_run(world.parent).data.tags["note to self"] == value
    ask("tag.delete", run_id=world.parent, key="note to self")
    assert "note to self" not in world.store.get_run(world.parent).data.tags


def test_a_tag_that_cannot_be_is_refused(world: World) -> None:
    """R6.1"""
    assert fault_of(ask("tag.set", run_id=world.parent, key="", value="x"))["code"] == "InvalidValue"
    assert fault_of(ask("tag.set", run_id=world.parent, key="k" * 300, value="x"))["code"] == "InvalidValue"
    assert fault_of(ask("tag.delete", run_id=world.parent, key="none"))["code"] == "NotFound"
    assert fault_of(ask("tag.set", run_id="none", key="k", value="x"))["code"] == "RunNotFound"


def test_artifacts_are_listed_folders_first_and_read(world: World) -> None:
    """R4.2"""
    world.store.artifacts(world.parent).write_bytes("a.txt", b"first")
    entries = ask("artifacts.list", run_id=world.parent, path="").content["reply"]["entries"]
    assert [entry["path"] for entry in entries] == ["notebook", "a.txt", "summary.txt"]
    message = ask("artifact.read", run_id=world.parent, path="a.txt")
    assert message.buffers[message.content["reply"]["content"]] == b"first"


@pytest.mark.parametrize("path", ["../../mlflow.db", "/etc/passwd", "notebook/../../x"])
def test_a_path_that_leaves_the_runs_folder_is_refused(world: World, path: str) -> None:
    """R4.2: artifact names with `..`."""
    assert fault_of(ask("artifact.read", run_id=world.parent, path=path))["code"] == "UnsafePath"
    assert fault_of(ask("artifacts.list", run_id=world.parent, path=path))["code"] == "UnsafePath"


def test_a_file_that_is_too_large_is_refused_with_its_size_and_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4.2"""
    monkeypatch.setattr(run_requests, "MAX_FILE", 1_000_000)
    world.store.artifacts(world.parent).write_bytes("model.bin", bytes(2_500_000))
    fault = fault_of(ask("artifact.read", run_id=world.parent, path="model.bin"))
    assert fault["message"] == "'model.bin' has 2.5 MB; the panel reads files of up to 1 MB"
    assert str(world.store.artifacts(world.parent).local_path("model.bin")) in fault["hint"]


def test_a_file_that_is_gone_is_said(world: World) -> None:
    assert fault_of(ask("artifact.read", run_id=world.parent, path="none"))["code"] == "ArtifactNotFound"


def test_a_file_name_that_is_no_unicode_is_shown_all_the_same(world: World) -> None:
    folder = world.store.artifacts(world.parent).local_path("")
    assert folder is not None
    try:
        (folder / b"caf\xe9.txt".decode("utf-8", "surrogateescape")).write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    entries = ask("artifacts.list", run_id=world.parent, path="").content["reply"]["entries"]
    assert [entry["path"] for entry in entries if entry["path"].startswith("caf")] == ["caf?.txt"]


def test_a_revision_is_given_only_if_it_is_what_the_run_recorded(world: World) -> None:
    """R5.1: a damaged one is refused."""
    artifacts = world.store.artifacts(world.parent)
    for content in (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', b"{", b"\xff\xfe"):
        artifacts.write_bytes("notebook/quickstart.ipynb", content)
        fault = fault_of(ask("revision.read", run_id=world.parent))
        assert fault["code"] == "InvalidValue"
        assert "notebook revision" in fault["message"]


def test_a_revision_that_is_gone_is_said(world: World) -> None:
    """R5.1"""
    file = world.store.artifacts(world.parent).local_path("notebook/quickstart.ipynb")
    assert file is not None
    file.unlink()
    fault = fault_of(ask("revision.read", run_id=world.parent))
    assert fault["code"] == "ArtifactNotFound"
    assert "not among the run's artifacts any more" in fault["message"]


def test_a_run_without_a_revision_says_what_there_is_instead(world: World) -> None:
    """R5.1"""
    for key, value in {"mlflow.source.name": "train.py", "mlflow.source.git.commit": "4f2a"}.items():
        ask("tag.set", run_id=world.child, key=key, value=value)
    fault = fault_of(ask("revision.read", run_id=world.child))
    assert fault["hint"] == "Its source is train.py and its git commit is 4f2a."
