"""The same change on several runs, and what is refused of it."""

from __future__ import annotations

import json
import socket
import uuid
from typing import TYPE_CHECKING

import pytest

from trackside.entities import LifecycleStage, RunStatus
from trackside.errors import LifecycleError, RunActiveError, RunNotFoundError, StoreUnreachableError
from trackside.notebook import kernels
from trackside.tracking import makers, pages, session, several
from trackside.tracking.makers import Maker

from .servers import Answer, SmallServer

if TYPE_CHECKING:
    from pathlib import Path

    from trackside.stores.base import Store

MODEL_TABLES = """
CREATE TABLE IF NOT EXISTS registered_models (name VARCHAR(256));
CREATE TABLE IF NOT EXISTS model_versions (name VARCHAR(256), version INTEGER, run_id VARCHAR(32));
"""


@pytest.fixture
def store(workspace: Path) -> Store:
    return session.current_store()


def make_run(store: Store, name: str = "run", **tags: str) -> str:
    run = store.create_run(
        "0",
        run_name=name,
        user_id="ada",
        start_time=1,
        tags={key.replace("_", "."): value for key, value in tags.items()},
    )
    return run.info.run_id


def stage_of(store: Store, run_id: str) -> str:
    return str(store.get_run(run_id).info.lifecycle_stage)


def test_tags_are_set_and_removed_on_several_runs_and_a_missing_run_is_told(store: Store) -> None:
    """R6.4: what is wrong with one run keeps nothing from the others."""
    runs = [make_run(store), make_run(store, color="blue")]
    changes = several.tag_runs([runs[0], "none", runs[1], runs[0]], {"size": 5, "color": None})
    assert changes.done == tuple(runs)
    assert {run_id: type(error) for run_id, error in changes.refused.items()} == {"none": RunNotFoundError}
    assert all(store.get_run(run_id).data.tags["size"] == "5" for run_id in runs)
    assert all("color" not in store.get_run(run_id).data.tags for run_id in runs)
    assert several.tag_runs(["none"], {"color": None}).refused.keys() == {"none"}


def test_runs_are_renamed_each_to_its_own_name_and_what_cannot_be_is_told(store: Store) -> None:
    """R6.4"""
    first, second, third = make_run(store), make_run(store), make_run(store, "as it was")
    changes = several.rename_runs({first: "try 1", "none": "try 2", second: " try 3 ", third: "  "})
    assert changes.done == (first, second)
    assert changes.refused.keys() == {"none", third}
    assert [store.get_run(run_id).info.run_name for run_id in (first, second, third)] == ["try 1", "try 3", "as it was"]


def test_a_star_is_a_tag(store: Store) -> None:
    run_id = make_run(store)
    several.star_runs([run_id])
    assert store.get_run(run_id).data.tags["trackside.starred"] == "true"
    several.star_runs([run_id], starred=False)
    assert "trackside.starred" not in store.get_run(run_id).data.tags


def test_runs_are_deleted_and_restored_with_their_descendants(store: Store) -> None:
    """R9.1, R9.2: what was done names the descendants, so that it can be undone."""
    parent = make_run(store, "parent")
    child = make_run(store, "child", mlflow_parentRunId=parent)
    changes = several.move_to_trash([parent], descendants=True)
    assert changes.done == (parent, child)
    assert {stage_of(store, run_id) for run_id in changes.done} == {"deleted"}
    assert several.take_from_trash([parent]).done == (parent,)
    assert stage_of(store, child) == "deleted"
    assert several.take_from_trash([parent], descendants=True).done == (parent, child)


def test_a_run_that_is_not_there_does_not_keep_others_from_the_trash(store: Store) -> None:
    """R9.1: told run by run."""
    run_id = make_run(store)
    changes = several.move_to_trash(["none", run_id])
    assert changes.done == (run_id,)
    assert changes.refused.keys() == {"none"}


def test_a_store_that_is_away_is_asked_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fail(run_id: str, **_: object) -> None:
        asked.append(run_id)
        raise StoreUnreachableError("no answer")

    monkeypatch.setattr(type(store), "log_batch", lambda _self, run_id, **_: fail(run_id))
    changes = several.tag_runs(["a", "b", "c"], {"k": "v"})
    assert changes.refused.keys() == {"a", "b", "c"}
    assert asked == ["a"]


def test_on_a_server_each_run_is_told_by_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """R9.1: what was done before something went wrong stays done, and nobody goes on in vain."""
    server = SmallServer()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    session.set_tracking_uri(server.url)
    ids = [uuid.uuid4().hex for _ in range(40)]
    missing = Answer(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such run"})
    path = "/api/2.0/mlflow/runs/delete"
    server.answers[path] = [Answer(), Answer(), missing]
    changes = several.move_to_trash(ids[:5])
    assert (len(changes.done), len(changes.refused)) == (2, 3)
    before = len(server.asked(path))
    server.answers[path] = [Answer(), Answer(403, {"error_code": "PERMISSION_DENIED", "message": "no"})]
    changes = several.move_to_trash(ids)
    assert (len(changes.done), len(changes.refused)) == (1, 39)
    assert len(server.asked(path)) - before < 40
    session.set_tracking_uri(None)
    server.stop()


def test_only_deleted_runs_are_purged_and_their_bytes_told(store: Store) -> None:
    """R9.2"""
    kept, gone = make_run(store, "kept"), make_run(store, "gone")
    store.artifacts(gone).write_bytes("model.bin", bytes(1000))
    store.delete_run(gone)
    would = several.purge_runs([kept, gone])
    assert (would.done, would.refused.keys()) == ((gone,), {kept})
    assert [purged.artifact_bytes for purged in would.purged] == [1000]
    assert stage_of(store, gone) == "deleted"
    several.purge_runs([gone], dry_run=False)
    with pytest.raises(RunNotFoundError):
        store.get_run(gone)


def test_a_run_of_a_registered_model_version_is_not_purged(store: Store) -> None:
    """R9.2"""
    import sqlite3

    run_id = make_run(store)
    store.delete_run(run_id)
    with sqlite3.connect("mlflow.db") as db:
        db.executescript(MODEL_TABLES)
        db.execute("INSERT INTO registered_models (name) VALUES ('wine')")
        db.execute("INSERT INTO model_versions (name, version, run_id) VALUES ('wine', 1, ?)", (run_id,))
    db.close()
    refused = several.purge_runs([run_id], dry_run=False).refused
    assert isinstance(refused[run_id], LifecycleError)
    assert store.get_run(run_id).info.lifecycle_stage is LifecycleStage.DELETED


# Runs whose maker is gone


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(kernels, "_seen", {})
    return tmp_path


def write_connection_file(runtime: Path, port: object) -> str:
    kernel_id = str(uuid.uuid4())
    told = {"transport": "tcp", "ip": "127.0.0.1", "hb_port": port}
    (runtime / f"kernel-{kernel_id}.json").write_text(json.dumps(told))
    return kernel_id


def test_a_kernel_lives_while_its_heartbeat_answers(store: Store, runtime: Path) -> None:
    """A run of it is not closed from here, and is once the kernel is gone."""
    with socket.create_server(("127.0.0.1", 0)) as heartbeat:
        kernel_id = write_connection_file(runtime, heartbeat.getsockname()[1])
        run_id = make_run(store, trackside_kernel_id=kernel_id)
        assert makers.find_maker(store.get_run(run_id), is_server=False) is Maker.ELSEWHERE
        refused = several.close_runs([run_id]).refused
        assert isinstance(refused[run_id], RunActiveError)
    kernels._seen.clear()
    assert makers.find_maker(store.get_run(run_id), is_server=False) is Maker.GONE
    assert several.close_runs([run_id]).done == (run_id,)
    run = store.get_run(run_id)
    assert (run.info.status, run.data.tags["trackside.error.type"]) == (RunStatus.FAILED, "KernelDied")
    assert run.info.end_time is not None
    assert isinstance(several.close_runs([run_id]).refused[run_id], LifecycleError)


@pytest.mark.parametrize(
    ("kernel_id", "maker"),
    [
        (str(uuid.uuid4()), Maker.GONE),
        ("", Maker.UNKNOWN),
        (uuid.uuid4().hex, Maker.UNKNOWN),
        ("../../etc/passwd", Maker.UNKNOWN),
    ],
)
def test_a_kernel_that_no_server_here_knows_is_gone(store: Store, runtime: Path, kernel_id: str, maker: Maker) -> None:
    """Of a run that no kernel of a server made, nobody can say."""
    run_id = make_run(store, trackside_kernel_id=kernel_id)
    assert makers.find_maker(store.get_run(run_id), is_server=False) is maker


@pytest.mark.parametrize("port", ["text", None, -1, 10**9])
def test_a_damaged_connection_file_is_no_sign_of_life(runtime: Path, port: object) -> None:
    assert not kernels.is_alive(write_connection_file(runtime, port))


def test_a_file_has_no_page(store: Store) -> None:
    """R4.5"""
    assert pages.run_url(make_run(store)) is None


def test_a_server_has_a_page_for_every_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.5: below the server's address, whatever path that has."""
    run_id = make_run(store)

    class Server:
        is_server = True
        uri = "https://tracking.example/base"
        get_run = store.get_run

    monkeypatch.setattr(session, "current_store", Server)
    assert pages.run_url(run_id) == f"https://tracking.example/base/#/experiments/0/runs/{run_id}"
