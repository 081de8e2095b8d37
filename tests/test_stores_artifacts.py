"""Artifacts in folders: names, links, half-written files, and folders that moved."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    StoreReadOnlyError,
    UnknownStoreError,
    UnsafePathError,
)
from trackside.stores.artifacts import LocalArtifacts, checked_location, find_root, normal_path, usable_location
from trackside.stores.sqlite import SqliteStore

RUN_ID = "0123456789abcdef0123456789abcdef"
posix_only = pytest.mark.skipif(os.name == "nt", reason="about paths of POSIX systems")


@pytest.fixture
def artifacts(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path / "mlruns" / "0" / RUN_ID / "artifacts")


def root_of(artifact_uri: str, folder: Path) -> Path:
    """Where the artifacts of a run are, with a database in ``folder``."""
    return find_root(artifact_uri, RUN_ID, str(folder / "mlruns" / "0"))


# Files


def test_nothing_is_made_until_something_is_written(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    assert artifacts.list() == ()
    assert artifacts.local_path() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "expected"), [("a.txt", "a.txt"), ("./a//b/", "a/b"), ("", ""), (".", ""), ("a..b/...", "a..b/...")]
)
def test_paths_lose_their_empty_parts(path: str, expected: str) -> None:
    assert normal_path(path) == expected


@pytest.mark.parametrize(
    "name", ["mit Leerzeichen.txt", "ünï🚀.txt", "<b>.txt", "'quotes\".txt", "%2e%2e", "-rf", "a\nb"]
)
@posix_only
def test_names_may_hold_any_other_character(artifacts: LocalArtifacts, name: str) -> None:
    artifacts.write_bytes(f"folder/{name}", b"x")
    (file,) = artifacts.list("folder")
    assert file.path == f"folder/{name}"
    assert artifacts.read_bytes(file.path) == b"x"


@pytest.mark.parametrize("path", ["", ".", "a/..", None])
def test_an_artifact_needs_a_name(artifacts: LocalArtifacts, path: str) -> None:
    with pytest.raises(UnsafePathError):
        artifacts.write_bytes(path, b"x")


def test_a_name_that_is_too_long_is_reported(artifacts: LocalArtifacts) -> None:
    with pytest.raises(InvalidValueError, match="too long"):
        artifacts.write_bytes("x" * 10_000, b"x")


def test_a_file_cannot_take_the_place_of_a_folder(artifacts: LocalArtifacts) -> None:
    artifacts.write_bytes("model/weights", b"x")
    for path in ("model", "model/weights/more"):
        with pytest.raises(InvalidValueError, match="model"):
            artifacts.write_bytes(path, b"y")
    assert artifacts.read_bytes("model/weights") == b"x"


def test_a_folder_is_not_read_as_a_file(artifacts: LocalArtifacts) -> None:
    artifacts.write_bytes("model/weights", b"x")
    with pytest.raises(ArtifactNotFoundError, match="model"):
        artifacts.read_bytes("model")
    assert artifacts.list("model/weights") == ()


def test_a_missing_source_is_reported(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="missing"):
        artifacts.write_file(tmp_path / "missing", "a.txt")


def test_a_copy_that_fails_leaves_nothing(
    artifacts: LocalArtifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"new")
    artifacts.write_bytes("a.txt", b"old")

    def torn(_: object, target: Path) -> None:
        target.write_bytes(b"ne")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", torn)
    with pytest.raises(InvalidValueError, match="No space left"):
        artifacts.write_file(source, "a.txt")
    assert artifacts.read_bytes("a.txt") == b"old"
    assert [path.name for path in artifacts.root.parent.rglob("*") if path.is_file()] == ["a.txt"]


def test_a_reader_never_sees_half_a_file(artifacts: LocalArtifacts) -> None:
    versions = [bytes([number]) * 200_000 for number in (1, 2)]
    artifacts.write_bytes("a.bin", versions[0])
    is_done = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not is_done.is_set():
            assert [file.path for file in artifacts.list()] == ["a.bin"]
            seen.add(artifacts.read_bytes("a.bin"))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        artifacts.write_bytes("a.bin", versions[number % 2])
    is_done.set()
    reader.join()
    assert seen <= set(versions)


@posix_only
def test_links_that_leave_the_run_are_neither_followed_nor_listed(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_bytes(b"secret")
    artifacts.write_bytes("inside.txt", b"x")
    (artifacts.root / "folder").symlink_to(secret)
    (artifacts.root / "file").symlink_to(secret / "key")
    (artifacts.root / "fine").symlink_to(artifacts.root / "inside.txt")
    assert [file.path for file in artifacts.list()] == ["fine", "inside.txt"]
    assert artifacts.read_bytes("fine") == b"x"
    for call in (
        lambda: artifacts.read_bytes("file"),
        lambda: artifacts.read_bytes("folder/key"),
        lambda: artifacts.list("folder"),
        lambda: artifacts.local_path("folder/key"),
        lambda: artifacts.write_bytes("folder/new", b"x"),
        lambda: artifacts.write_bytes("file", b"x"),
    ):
        with pytest.raises(UnsafePathError, match="link"):
            call()
    assert [path.name for path in secret.iterdir()] == ["key"]


@posix_only
def test_a_broken_link_does_not_break_the_list(artifacts: LocalArtifacts) -> None:
    artifacts.write_bytes("inside.txt", b"x")
    (artifacts.root / "broken").symlink_to(artifacts.root / "nowhere")
    (artifacts.root / "loop").symlink_to(artifacts.root / "loop")
    assert [file.path for file in artifacts.list()] == ["inside.txt"]


@posix_only
def test_the_folder_itself_may_be_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    artifacts = LocalArtifacts(tmp_path / "link" / "artifacts")
    artifacts.write_bytes("a/b.txt", b"x")
    assert [file.path for file in artifacts.list("a")] == ["a/b.txt"]


def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", denied)
    with pytest.raises(StoreReadOnlyError, match="no permission") as caught:
        LocalArtifacts(tmp_path / "artifacts").write_bytes("a.txt", b"x")
    assert "writable" in caught.value.hint


# Where a run's folder is


@posix_only
@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}", "file:{}"])
def test_a_recorded_folder_is_taken_as_it_is(tmp_path: Path, form: str) -> None:
    recorded = tmp_path / "elsewhere ü" / "0" / RUN_ID / "artifacts"
    recorded.mkdir(parents=True)
    text = str(recorded) if form == "{}" else recorded.as_uri().removeprefix("file://")
    assert root_of(form.format(text), tmp_path / "home") == recorded


@posix_only
@pytest.mark.parametrize(
    "recorded",
    [
        f"/home/alice/project/mlruns/0/{RUN_ID}/artifacts",
        f"file:///home/alice/project/mlruns/0/{RUN_ID}/artifacts",
        f"C:\\Users\\Alice\\project\\mlruns\\0\\{RUN_ID}\\artifacts",
        f"C:/Users/Alice/project/mlruns/0/{RUN_ID}/artifacts",
        f"file:///C:/Users/Alice/my%20project/mlruns/0/{RUN_ID}/artifacts",
        f"\\\\server\\share\\project\\mlruns\\0\\{RUN_ID}\\artifacts",
        f"./mlruns/0/{RUN_ID}/artifacts",
        f"mlflow-artifacts:/0/{RUN_ID}/artifacts",
        f"mlflow-artifacts://server:5000/0/{RUN_ID}/artifacts",
    ],
)
def test_a_moved_folder_is_found_beside_the_database(tmp_path: Path, recorded: str) -> None:
    moved = tmp_path / "mlruns" / "0" / RUN_ID / "artifacts"
    assert root_of(recorded, tmp_path) == moved
    moved.mkdir(parents=True)
    assert root_of(recorded, tmp_path) == moved


@posix_only
def test_a_moved_folder_with_a_name_of_its_own_is_found(tmp_path: Path) -> None:
    moved = tmp_path / "results" / "wine" / RUN_ID / "artifacts"
    moved.mkdir(parents=True)
    assert root_of(f"/data/project/results/wine/{RUN_ID}/artifacts", tmp_path) == moved


def test_what_a_server_kept_is_found_beside_its_database(tmp_path: Path) -> None:
    kept = tmp_path / "mlartifacts" / "0" / RUN_ID / "artifacts"
    kept.mkdir(parents=True)
    assert root_of(f"mlflow-artifacts:/0/{RUN_ID}/artifacts", tmp_path) == kept


@posix_only
@pytest.mark.parametrize("recorded", ["", "/home/alice/mlruns/0/other/artifacts", f"../../{RUN_ID}/artifacts", "/"])
def test_a_record_that_does_not_name_the_run_leads_nowhere_else(tmp_path: Path, recorded: str) -> None:
    (tmp_path / "artifacts").mkdir()
    root = root_of(recorded, tmp_path)
    assert root in (tmp_path / "mlruns" / "0" / RUN_ID / "artifacts", Path(recorded or "?"))


@pytest.mark.parametrize("uri", ["s3://bucket/0/run/artifacts", "dbfs:/databricks/mlflow", "wasbs://a@b/c"])
def test_artifacts_in_a_bucket_are_reported_as_out_of_reach(tmp_path: Path, uri: str) -> None:
    with pytest.raises(UnknownStoreError, match=uri.partition(":")[0]):
        root_of(uri, tmp_path)


@posix_only
@pytest.mark.parametrize(
    ("recorded", "is_kept"),
    [
        ("{}/mlruns/0", True),
        ("{}/not/yet", True),
        ("s3://bucket/0", True),
        ("/home/alice/project/mlruns/0", False),
        ("C:\\Users\\Alice\\mlruns\\0", False),
        ("mlflow-artifacts:/0", False),
        ("mlruns/0", False),
        ("", False),
    ],
)
def test_new_runs_go_where_the_experiment_says_if_that_can_be(tmp_path: Path, recorded: str, is_kept: bool) -> None:
    location = recorded.format(tmp_path)
    assert usable_location(location, "the default") == (location if is_kept else "the default")


@posix_only
def test_a_database_that_moved_with_its_folder_keeps_its_artifacts(tmp_path: Path) -> None:
    old, new = tmp_path / "a" / "b" / "old", tmp_path / "new"
    store = SqliteStore(old / "mlflow.db")
    run = store.create_run("0", run_name="a", user_id="a", start_time=1)
    store.artifacts(run.info.run_id).write_bytes("notes.txt", b"kept")
    store.close()
    old.rename(new)
    old.parent.rmdir()
    old.parent.parent.rmdir()
    moved = SqliteStore(new / "mlflow.db")
    assert moved.artifacts(run.info.run_id).read_bytes("notes.txt") == b"kept"
    later = moved.create_run("0", run_name="a", user_id="a", start_time=2)
    assert later.info.artifact_uri.startswith(str(new))
    moved.close()


@posix_only
def test_the_location_of_an_experiment_is_recorded_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert checked_location("results/../here") == str(tmp_path / "here")
    assert checked_location("s3://bucket/folder/") == "s3://bucket/folder"
    with pytest.raises(InvalidValueError, match="runs:"):
        checked_location("runs:/abc/model")
    store = SqliteStore(tmp_path / "mlflow.db")
    experiment_id = store.create_experiment("a", artifact_location="results")
    run = store.create_run(experiment_id, run_name="a", user_id="a", start_time=1)
    assert run.info.artifact_uri == f"{tmp_path}/results/{run.info.run_id}/artifacts"
    store.artifacts(run.info.run_id).write_bytes("a.txt", b"x")
    assert (tmp_path / "results" / run.info.run_id / "artifacts" / "a.txt").is_file()
    store.close()


def test_infos_of_other_runs_do_not_mix(tmp_path: Path) -> None:
    assert "f" * 32 in find_root("mlflow-artifacts:/0/x/artifacts", "f" * 32, str(tmp_path / "mlruns" / "0")).parts
