"""Capturing a revision in a session: from the front end, the file or the history, while cells run."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trackside.notebook import live, session

from .notebook_shells import run, shell_in, sync, write_notebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    with shell_in(tmp_path, monkeypatch) as made:
        yield made


def test_the_live_notebook_with_unsaved_edits_makes_the_revision(shell: InteractiveShell) -> None:
    """R1.11: unsaved edits are in the revision, the executed source of a cell that was edited since wins."""
    watched = session.start(shell)
    watched.sync(sync(a="x = 1", b="y = 1"))
    run(shell, "x = 1", "a")
    watched.sync(sync(a="x = 'edited later'", b="y = 'unsaved'"))
    revision = watched.capture_revision()
    assert [cell["source"] for cell in revision.notebook["cells"]] == ["x = 1", "y = 'unsaved'"]
    assert revision.notebook["metadata"]["trackside"]["content"] == "front end"


def test_images_pasted_into_text_come_from_the_file(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The front end's messages carry sources only."""
    text = {"cell_type": "markdown", "source": "![](attachment:a.png)", "metadata": {}}
    images = {"a.png": {"image/png": "AAAA"}}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [{**text, "id": "a", "attachments": images}],
    }
    Path("work.ipynb").write_text(json.dumps(notebook))
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "work.ipynb")
    watched = session.start(shell)
    watched.sync({**sync(), "order": ["a", "b"], "cells": {"a": text, "b": text}})
    cells = watched.capture_revision().notebook["cells"]
    assert [cell.get("attachments") for cell in cells] == [images, None]


def test_the_file_makes_the_revision_when_no_front_end_is_connected(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1.11: without a front end too."""
    write_notebook(Path("work.ipynb"), ["x = 1", "y = 1"])
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "work.ipynb")
    watched = session.start(shell)
    run(shell, "y = 1")
    revision = watched.capture_revision()
    assert revision.file_name == "work.ipynb"
    assert revision.notebook["metadata"]["trackside"]["content"] == "file"
    assert revision.notebook["cells"][0]["metadata"] == {}
    assert revision.notebook["cells"][1]["metadata"]["trackside"]["execution_order"] == [1]


def test_after_the_front_end_left_the_file_is_read_again(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(Path("work.ipynb"), ["from_file = 1"])
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "work.ipynb")
    watched = session.start(shell)
    watched.sync(sync(a="live = 1"))
    watched.host_closed()
    assert [cell["source"] for cell in watched.capture_revision().notebook["cells"]] == ["from_file = 1"]


def test_a_notebook_deleted_while_it_runs_leaves_its_history(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(Path("work.ipynb"), ["x = 1"])
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "work.ipynb")
    watched = session.start(shell)
    run(shell, "x = 1")
    assert watched.capture_revision().notebook["metadata"]["trackside"]["content"] == "file"
    Path("work.ipynb").unlink()
    revision = watched.capture_revision()
    assert [cell["source"] for cell in revision.notebook["cells"]] == ["x = 1"]
    assert revision.notebook["metadata"]["trackside"]["content"] == "history"
    assert "work.ipynb could not be read: No such file" in revision.notebook["metadata"]["trackside"]["note"]


def test_a_failure_inside_a_capture_still_gives_a_revision(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = session.start(shell)
    run(shell, "x = 1")

    def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(watched, "content", fail)
    for _ in range(2):
        revision = watched.capture_revision()
        assert [cell["source"] for cell in revision.notebook["cells"]] == ["x = 1"]
        assert "RuntimeError: broken" in revision.notebook["metadata"]["trackside"]["note"]
    assert capsys.readouterr().err.count("trackside:") == 1


def test_a_mark_leaves_out_what_was_executed_later(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    run(shell, "x = 1")
    mark = watched.executed
    early = watched.capture_revision(mark)
    run(shell, "y = 1")
    assert watched.capture_revision(mark).sha256 == early.sha256 != watched.capture_revision().sha256


def test_the_runs_of_a_sweep_in_one_cell_share_one_revision(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    watched.sync(sync(a="sweep"))
    shell.user_ns["hashes"] = []
    shell.user_ns["watched"] = watched
    run(shell, "for _ in range(3): hashes.append(watched.capture_revision().sha256)", "a")
    run(shell, "hashes.append(watched.capture_revision().sha256)", "a")
    hashes = shell.user_ns["hashes"]
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


def test_a_capture_waits_for_the_front_end_to_send_the_running_cell(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message with unsaved edits may come on another thread after the cell started."""
    monkeypatch.setattr(live, "WAIT_S", 3600)
    watched = session.start(shell)
    watched.sync(sync(a="x = 1", b="old"))
    captured: list[Any] = []
    thread = threading.Thread(target=lambda: captured.append(watched.capture_revision()))

    def while_running() -> None:
        thread.start()
        watched.sync({**sync(a="x = 1", b="edited"), "scheduled": ["a"]})
        thread.join()

    shell.user_ns["while_running"] = while_running
    run(shell, "while_running()", "a")
    assert captured[0].notebook["cells"][1]["source"] == "edited"


def test_a_front_end_that_does_not_deliver_is_waited_for_once(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = session.start(shell)
    watched.sync(sync(a="x"))
    waits: list[float] = []
    condition = watched._front_ends._changed
    monkeypatch.setattr(condition, "wait_for", lambda arrived, timeout: waits.append(timeout) or arrived())
    shell.user_ns["watched"] = watched
    run(shell, "watched.capture_revision(); watched.capture_revision()", "a")
    assert waits == [0.5]
    watched.sync(sync(a="x"))
    run(shell, "watched.capture_revision()", "a")
    assert waits == [0.5, 0.5]


def test_nothing_is_waited_for_without_a_front_end_or_for_cells_without_id(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = session.start(shell)
    shell.user_ns["watched"] = watched

    def refuse(cell_id: str) -> None:
        raise AssertionError("waited")

    monkeypatch.setattr(watched._front_ends, "wait_for", refuse)
    run(shell, "note = watched.capture_revision().notebook['metadata']['trackside']", "a")
    assert "note" not in shell.user_ns["note"]
    watched.sync(sync(a="x"))
    run(shell, "note = watched.capture_revision().notebook['metadata']['trackside']")
    assert "note" not in shell.user_ns["note"]


def test_many_threads_may_capture_and_sync_while_cells_run(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    stop, failed = threading.Event(), []

    def work(step: Any) -> None:
        try:
            while not stop.is_set():
                step()
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    steps = [
        lambda: watched.sync({**sync(a="1", b="2"), "scheduled": ["a"]}, host="one"),
        lambda: watched.sync(sync(b="2", c="3"), host="two"),
        lambda: watched.host_closed("two"),
        watched.capture_revision,
    ]
    threads = [threading.Thread(target=work, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for number in range(50):
        run(shell, f"x = {number}", "ab"[number % 2])
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(watched.executions) == 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_is_not_held_up_by_the_parents_threads(shell: InteractiveShell) -> None:
    """multiprocessing forks kernels; a lock that another thread held would stay locked in the child."""
    watched = session.start(shell)
    run(shell, "x = 1")
    with watched._lock, watched._front_ends._changed:
        child = os.fork()
        if child == 0:
            thread = threading.Thread(target=watched.capture_revision)
            thread.start()
            thread.join(120)
            os._exit(int(thread.is_alive()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
