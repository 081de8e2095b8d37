"""What stands behind a run: stored in the background, shared between runs, and never in the user's way."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import trackside
from trackside.errors import StoreBusyError
from trackside.notebook import environment, git, modules
from trackside.notebook import session as notebook_session
from trackside.stores import shared_content
from trackside.stores.artifacts import LocalArtifacts
from trackside.tracking import capture, notices, session
from trackside.tracking.left_out import read_left_out

from . import repositories
from .repositories import commit_all
from .test_tracking_notebook_experiments import FakeNotebook, save

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_said", set())
    monkeypatch.setattr(capture, "_shared_git", capture._SharedGit())


@pytest.fixture
def notebook(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNotebook:
    fake = FakeNotebook(save(workspace / "repo" / "train.ipynb"))
    monkeypatch.setattr(notebook_session, "_session", fake)
    return fake


def read(run_id: str, path: str) -> bytes:
    return session.current_store().artifacts(run_id).read_bytes(path)


def track() -> trackside.Run:
    with trackside.start_run() as run:
        pass
    return trackside.get_run(run.info.run_id)


def import_from(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import a module that is forgotten when the test ends."""
    monkeypatch.syspath_prepend(folder)
    importlib.import_module(name)
    monkeypatch.setitem(sys.modules, name, sys.modules.pop(name))


def test_a_run_has_its_revision_and_environment(notebook: FakeNotebook) -> None:
    """R1.10, R1.11"""
    run = track()
    tags = run.data.tags
    assert tags["trackside.revision.sha256"] == "5" * 64
    assert tags["trackside.revision.path"] == "notebook/train.ipynb"
    assert len(tags["trackside.code.sha256"]) == 64
    assert read(run.info.run_id, "notebook/train.ipynb") == b"{}"
    record = json.loads(read(run.info.run_id, "environment/environment.json"))
    assert record["distributions"]
    assert b"pytest==" in read(run.info.run_id, "environment/requirements.txt")
    assert tags["trackside.environment.sha256"] == environment.capture().sha256


def test_a_run_in_a_repository_has_its_state_and_changes(notebook: FakeNotebook, workspace: Path) -> None:
    """R1.2"""
    repository = workspace / "repo"
    (repository / "data.txt").write_text("one\n")
    commit_all(repository)
    repositories.git(repository, "remote", "add", "origin", "https://ada:secret@example.com/repo.git")
    (repository / "data.txt").write_text("two\n")
    run = track()
    state = git.read_state(repository / "train.ipynb")
    assert state is not None
    assert run.data.tags["mlflow.source.git.commit"] == state.commit
    assert run.data.tags["mlflow.source.git.branch"] == "main"
    assert run.data.tags["mlflow.source.git.repoURL"] == "https://example.com/repo.git"
    assert run.data.tags["trackside.git.dirty"] == "true"
    assert b"-one\n+two" in read(run.info.run_id, "notebook/changes.patch")


def test_what_was_too_large_to_be_kept_is_said(
    notebook: FakeNotebook, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1.11: part of the patch, a module; for people, and for programs."""
    repository = workspace / "repo"
    (repository / "data.txt").write_text("one\n")
    commit_all(repository)
    (repository / "data.txt").write_text("two\n" * 100)
    (repository / "ts_generated.py").write_text("x = 1\n" * 100)
    import_from(repository, "ts_generated", monkeypatch)
    monkeypatch.setattr(git, "MAX_PATCH_BYTES", 100)
    monkeypatch.setattr(modules, "MAX_FILE_BYTES", 100)
    tags = track().data.tags
    assert tags["trackside.git.patch_cut"] == "true"
    assert tags["trackside.modules.left_out"] == "1"
    assert str(read_left_out(tags)) == "part of the changes against the commit, 1 local module"
    assert not read_left_out({"trackside.modules.left_out": "-1", "trackside.git.patch_cut": "<b>"})


def test_what_is_stored_again_after_a_restart_is_one_file(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1.11: another process knows nothing of what this one wrote, and finds it beside its own."""
    artifacts = session.current_store().artifacts
    before = artifacts(track().info.run_id).local_path("environment/environment.json")
    monkeypatch.setattr(shared_content, "_known", {})
    shared_content._earlier_runs.cache_clear()
    after = artifacts(track().info.run_id).local_path("environment/environment.json")
    assert before is not None
    assert after is not None
    assert before.samefile(after)


def test_git_tags_that_a_run_brings_are_kept(notebook: FakeNotebook, workspace: Path) -> None:
    """R1.1: those of a project."""
    commit_all(workspace / "repo")
    with trackside.start_run(tags={"mlflow.source.git.commit": "abc"}) as run:
        pass
    tags = trackside.get_run(run.info.run_id).data.tags
    assert tags["mlflow.source.git.commit"] == "abc"
    assert tags["mlflow.source.git.branch"] == "main"


def test_runs_close_together_share_one_look_at_the_repository(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []
    monkeypatch.setattr(git, "read_state", lambda path: looks.append(path))
    track()
    track()
    assert looks == [notebook.path]
    monkeypatch.setattr(capture, "GIT_STATE_LIFE_S", -1)
    track()
    assert len(looks) == 2


def test_start_run_does_not_wait_for_the_capture(notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.11: the row is there at once; what stands behind it follows."""
    go_on = threading.Event()

    def slow(executed: int) -> Any:
        assert go_on.wait(120)
        return FakeNotebook.capture_revision(notebook, executed)

    monkeypatch.setattr(notebook, "capture_revision", slow)
    run = trackside.start_run()
    assert "trackside.revision.sha256" not in trackside.get_run(run.info.run_id).data.tags
    go_on.set()
    trackside.end_run()
    assert "trackside.revision.sha256" in trackside.get_run(run.info.run_id).data.tags


def test_the_status_is_written_before_the_capture_is_awaited(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4.1: the panel shows the end at once."""
    seen: list[str] = []
    run = trackside.start_run()
    monkeypatch.setattr(run.capture.__class__, "finish", lambda self: seen.append(status_of(run)))
    trackside.end_run("FAILED")
    assert seen == ["FAILED"]


def status_of(run: trackside.Run) -> str:
    return str(trackside.get_run(run.info.run_id).info.status)


def test_a_capture_that_hangs_is_reported_and_left(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    go_on, left = threading.Event(), threading.Event()

    def hang(executed: int) -> Any:
        go_on.wait(120)
        left.set()
        return FakeNotebook.capture_revision(notebook, executed)

    monkeypatch.setattr(notebook, "capture_revision", hang)
    monkeypatch.setattr(capture, "FINISH_WAIT_S", 0.01)
    run = track()
    assert run.info.status == "FINISHED"
    assert "still being stored in the background" in capsys.readouterr().err
    monkeypatch.setattr(capture, "FINISH_WAIT_S", 30)
    go_on.set()
    assert left.wait(120)
    track()


def test_what_was_executed_later_is_not_in_the_first_revision(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[int] = []

    def mark(executed: int) -> Any:
        marks.append(executed)
        return FakeNotebook.capture_revision(notebook, executed)

    monkeypatch.setattr(notebook, "capture_revision", mark)
    notebook.executed = 3
    trackside.start_run()
    notebook.executed = 7
    trackside.end_run()
    assert marks == [3, 7]


def test_a_failing_capture_says_one_line_and_the_run_goes_on(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("no permission\nto write")

    monkeypatch.setattr(LocalArtifacts, "write_bytes", fail)
    with trackside.start_run() as run:
        trackside.log_metric("loss", 1)
    found = trackside.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.metrics == {"loss": 1.0}
    assert found.data.tags["trackside.revision.sha256"] == "5" * 64
    assert "trackside.revision.path" not in found.data.tags
    assert "PermissionError: no permission" in found.data.tags["trackside.capture.error"]
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "Trackside: the notebook revision could not be stored with the run: PermissionError: no permission to write",
        "Trackside: the environment could not be stored with the run: PermissionError: no permission to write",
    ]
    track()
    assert capsys.readouterr().err == ""


def test_a_store_that_cannot_be_written_while_a_run_is_captured_is_reported(
    notebook: FakeNotebook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise StoreBusyError("the store is busy")

    monkeypatch.setattr(capture.Capture, "_set_tags", refuse)
    assert track().info.status == "FINISHED"
    said = capsys.readouterr().err
    assert "Trackside: the notebook revision could not be stored with the run: the store is busy\n" in said
    assert said.count("could not be tagged either") == 1


def test_no_thread_is_there_before_the_first_run_and_one_after_many() -> None:
    for _ in range(3):
        track()
    assert [thread.name for thread in threading.enumerate()].count("trackside-capture") == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_reported(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = trackside.create_experiment("elsewhere", artifact_location=str(workspace / "locked"))
    (workspace / "locked").mkdir(mode=0o500)
    with trackside.start_run(experiment_id=made):
        pass
    assert "could not be stored" in capsys.readouterr().err


def test_runs_share_one_file_of_what_they_have_alike_and_none_changes_with_another(notebook: FakeNotebook) -> None:
    """R1.11: the same revision and environment are stored once; MLflow sees ordinary artifacts."""
    first, second = track(), track()
    folders = [session.current_store().artifacts(run.info.run_id) for run in (first, second)]
    for name in ("notebook/train.ipynb", "environment/environment.json"):
        paths = [folder.local_path(name) for folder in folders]
        assert paths[0] is not None
        assert paths[1] is not None
        assert paths[0].samefile(paths[1])
    folders[0].write_bytes("notebook/train.ipynb", b"{} ")
    folders[0].write_bytes("notebook/train.ipynb", b"{} ")
    assert read(second.info.run_id, "notebook/train.ipynb") == b"{}"
    assert read(first.info.run_id, "notebook/train.ipynb") == b"{} "
    path = folders[1].local_path("notebook/train.ipynb")
    assert path is not None
    path.write_bytes(b"changed by somebody")
    assert read(track().info.run_id, "notebook/train.ipynb") == b"{}"


def test_a_run_keeps_the_modules_that_its_notebook_imported_from_beside_it(
    notebook: FakeNotebook, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1.11: also those that are imported while the run goes on."""
    (workspace / "repo" / "ts_beside.py").write_text("x = 1\n")
    with trackside.start_run() as run:
        import_from(workspace / "repo", "ts_beside", monkeypatch)
    assert read(run.info.run_id, "notebook/modules/ts_beside.py") == b"x = 1\n"
    manifest = json.loads(read(run.info.run_id, "notebook/modules.json"))
    assert [entry["name"] for entry in manifest["modules"]] == ["ts_beside"]
    tags = trackside.get_run(run.info.run_id).data.tags
    assert len(tags["trackside.modules.sha256"]) == len(tags["trackside.modules.code.sha256"]) == 64
