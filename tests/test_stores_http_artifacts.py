"""Artifacts of runs on a server: served by it, on folders that both have, and in object stores."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trackside.entities import FileInfo
from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    NotAuthorizedError,
    StoreRefusedError,
    StoreUnreachableError,
    UnknownStoreError,
    UnsafePathError,
)
from trackside.stores._http import Server
from trackside.stores.artifacts import LocalArtifacts
from trackside.stores.http_artifacts import HttpArtifacts, open_artifacts
from trackside.stores.object_artifacts import PACKAGES, ObjectArtifacts
from trackside.stores.rest import RestStore

from .servers import Answer, MlflowServer, SmallServer

FILES = "/api/2.0/mlflow-artifacts/artifacts"
MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _quick(no_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")


@pytest.fixture
def server(small_server: SmallServer) -> Iterator[Server]:
    client = Server(small_server.url)
    yield client
    client.close()


@pytest.fixture
def real(mlflow_server: MlflowServer) -> Iterator[RestStore]:
    store = RestStore(mlflow_server.url)
    yield store
    store.close()


# Where artifacts are


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("mlflow-artifacts:/1/r/artifacts", "/1/r/artifacts/a%20b.txt"),
        ("mlflow-artifacts:1/r/artifacts", "/1/r/artifacts/a%20b.txt"),
        ("mlflow-artifacts:///1/r/artifacts/", "/1/r/artifacts/a%20b.txt"),
        ("mlflow-artifacts:/", "/a%20b.txt"),
        ("mlflow-artifacts:/my%20place/ü", "/my%20place/%C3%BC/a%20b.txt"),
        ("mlflow-artifacts:/my place", "/my%20place/a%20b.txt"),
        ("mlflow-artifacts://{host}/1/r", "/1/r/a%20b.txt"),
        ("http://{host}/api/2.0/mlflow-artifacts/artifacts/1/r", "/1/r/a%20b.txt"),
    ],
)
def test_every_form_of_a_served_place_is_understood(
    small_server: SmallServer, server: Server, uri: str, path: str
) -> None:
    small_server.answers[FILES + path] = [Answer(200, b"text")]
    artifacts = open_artifacts(uri.format(host=small_server.url.removeprefix("http://")), server)
    assert artifacts.read_bytes("a b.txt") == b"text"


def test_a_server_below_a_path_serves_below_that_path(small_server: SmallServer) -> None:
    small_server.answers[f"/team/mlflow{FILES}/1/a.txt"] = [Answer(200, b"text")]
    server = Server(f"{small_server.url}/team/mlflow/")
    assert open_artifacts("mlflow-artifacts:/1", server).read_bytes("a.txt") == b"text"
    server.close()


@pytest.mark.parametrize("form", ["mlflow-artifacts://{host}/1", "http://{host}/api/2.0/mlflow-artifacts/artifacts/1"])
@pytest.mark.parametrize("trusted", [False, True])
def test_credentials_go_to_another_server_only_where_the_settings_name_it(
    monkeypatch: pytest.MonkeyPatch, small_server: SmallServer, server: Server, form: str, trusted: bool
) -> None:
    """Anyone who can write a run can record any host in it."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret")
    other = SmallServer()
    other.answers[f"{FILES}/1/a.txt"] = [Answer(200, b"text")]
    host = other.url.removeprefix("http://")
    if trusted:
        monkeypatch.setenv("TRACKSIDE_ARTIFACT_HOSTS", f"elsewhere, {host.upper()}")
    assert open_artifacts(form.format(host=host), server).read_bytes("a.txt") == b"text"
    assert other.requests[0].headers.get("Authorization") == ("Bearer s3cret" if trusted else None)
    other.stop()


def test_a_port_without_a_host_is_refused(server: Server) -> None:
    with pytest.raises(InvalidValueError, match="a port without a host"):
        open_artifacts("mlflow-artifacts://5000/1/r", server)


def test_a_recorded_place_that_goes_up_is_refused(server: Server) -> None:
    for uri in ("mlflow-artifacts:/1/../../x", "mlflow-artifacts:/1/%2e%2e/x"):
        with pytest.raises(UnsafePathError):
            open_artifacts(uri, server)


@pytest.mark.parametrize("as_uri", [True, False])
@pytest.mark.parametrize("made", ["", "7", "7/run", "7/run/artifacts"])
def test_a_folder_that_this_machine_has_is_used(tmp_path: Path, as_uri: bool, made: str) -> None:
    root = tmp_path / "shared"
    (root / made).mkdir(parents=True)
    folder = root / "7" / "run" / "artifacts"
    artifacts = open_artifacts(folder.as_uri() if as_uri else str(folder), Server("http://elsewhere.invalid"))
    assert isinstance(artifacts, LocalArtifacts)
    artifacts.write_bytes("a.txt", b"text")
    assert (folder / "a.txt").read_bytes() == b"text"


@pytest.mark.parametrize(
    "uri",
    ["/no-such-root/mlruns/7/run/artifacts", "file:///no-such-root/7/run/artifacts", "C:\\mlruns\\7\\run", "relative"],
)
def test_a_folder_of_another_machine_is_named(uri: str) -> None:
    with pytest.raises(UnknownStoreError, match=r"on the machine of http://elsewhere\.invalid") as failure:
        open_artifacts(uri, Server("http://elsewhere.invalid"))
    assert "--serve-artifacts" in failure.value.hint


def test_a_folder_of_a_server_on_this_machine_is_made(tmp_path: Path, server: Server) -> None:
    folder = tmp_path / "not" / "there" / "yet" / "at" / "all"
    open_artifacts(str(folder), server).write_bytes("a.txt", b"text")
    assert (folder / "a.txt").exists()


@pytest.mark.parametrize("uri", ["dbfs:/x", "runs:/x", "unknown://x", "memory://x", "http://host/elsewhere/1"])
def test_a_place_of_an_unknown_kind_is_named(server: Server, uri: str) -> None:
    with pytest.raises(UnknownStoreError, match=uri):
        open_artifacts(uri, server)


# Served by the server


def test_a_large_file_is_sent_and_fetched_in_pieces(small_server: SmallServer, server: Server, tmp_path: Path) -> None:
    """R1.7: a file is never in memory whole while it is sent."""
    source = tmp_path / "large.bin"
    with source.open("wb") as file:
        file.truncate(64 * MEGABYTE)
    small_server.keeps_bodies = False
    small_server.answers[f"{FILES}/1/large.bin"] = [Answer(200, b"")]
    artifacts = HttpArtifacts(server, "1")
    artifacts.write_bytes("large.bin", b"first, so that all modules are loaded")
    sent, fetched = list[int](), list[int]()
    peak = peak_of(lambda: artifacts.write_file(source, "large.bin", progress=lambda done, _: sent.append(done)))
    assert small_server.requests[-1].headers["Content-Length"] == str(64 * MEGABYTE)
    assert peak < 16 * MEGABYTE
    small_server.answers[f"{FILES}/1/large.bin"] = [Answer(200, bytes(64 * MEGABYTE))]
    again = tmp_path / "again.bin"
    peak = peak_of(lambda: artifacts.read_file("large.bin", again, progress=lambda done, _: fetched.append(done)))
    assert again.stat().st_size == sent[-1] == fetched[-1] == 64 * MEGABYTE
    assert peak < 16 * MEGABYTE
    assert 60 < len(sent) < 70


def peak_of(work: Callable[[], None]) -> int:
    """The most memory that Python took for it, in bytes."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_file_is_sent_again_from_its_beginning(small_server: SmallServer, server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"the whole text")
    small_server.answers[f"{FILES}/1/a.txt"] = [Answer(503, b"busy"), Answer(never=True), Answer(200, b"")]
    told: list[tuple[int, int | None]] = []
    HttpArtifacts(server, "1").write_file(
        tmp_path / "a.txt", "a.txt", progress=lambda done, total: told.append((done, total))
    )
    assert told == [(14, 14)] * 3
    assert [request.body for request in small_server.requests] == [b"the whole text"] * 3


def test_an_empty_file_is_sent_as_one(small_server: SmallServer, server: Server, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    small_server.answers[f"{FILES}/1/empty"] = [Answer(200, b"")]
    HttpArtifacts(server, "1").write_file(tmp_path / "empty", "empty")
    assert small_server.requests[0].headers["Content-Length"] == "0"


def test_a_file_that_breaks_off_is_no_file(small_server: SmallServer, server: Server, tmp_path: Path) -> None:
    small_server.answers[f"{FILES}/1/a.bin"] = [Answer(200, b"x" * 1000, cut=400)]
    with pytest.raises(StoreUnreachableError, match="lost the connection"):
        HttpArtifacts(server, "1").read_bytes("a.bin")
    with pytest.raises(StoreUnreachableError, match="lost the connection"):
        HttpArtifacts(server, "1").read_file("a.bin", tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_too_large_is_not_fetched(small_server: SmallServer, server: Server, announced: bool) -> None:
    headers = {} if announced else {"Content-Length": ""}
    small_server.answers[f"{FILES}/1/a.bin"] = [Answer(200, b"x" * 5 * MEGABYTE, headers)]
    with pytest.raises(InvalidValueError, match=r"at most 10 were asked for"):
        HttpArtifacts(server, "1").read_bytes("a.bin", max_bytes=10)


@pytest.mark.parametrize("name", ["50%25.txt", "a#b.txt", "a%2Fb"])
def test_a_name_that_the_server_would_change_is_refused(server: Server, name: str) -> None:
    for call in (
        lambda artifacts: artifacts.read_bytes(name),
        lambda artifacts: artifacts.write_bytes(name, b""),
        lambda artifacts: artifacts.list(name),
    ):
        with pytest.raises(InvalidValueError, match="another name") as failure:
            call(HttpArtifacts(server, "1"))
        assert "would change" in failure.value.message


def test_names_from_the_server_cannot_leave_the_folder(small_server: SmallServer, server: Server) -> None:
    names = ["../../up", "/etc/passwd", "b.txt", "a"]
    files = [{"path": name, "is_dir": name == "a", "file_size": "3"} for name in names]
    small_server.answers[FILES] = [Answer(200, {"files": files})]
    listed = HttpArtifacts(server, "1/r").list("in")
    assert listed == (
        FileInfo("in/a", is_dir=True),
        FileInfo("in/b.txt", is_dir=False, file_size=3),
        FileInfo("in/passwd", is_dir=False, file_size=3),
        FileInfo("in/up", is_dir=False, file_size=3),
    )
    assert small_server.requests[0].query == {"path": "1/r/in"}


def test_a_server_that_serves_no_artifacts_says_how_to_change_that(small_server: SmallServer, server: Server) -> None:
    body = b"Endpoint: / disabled due to the mlflow server running with `--no-serve-artifacts`."
    small_server.answers[f"{FILES}/1/a"] = [Answer(503, body)]
    with pytest.raises(StoreRefusedError) as failure:
        HttpArtifacts(server, "1").read_bytes("a")
    assert "without --no-serve-artifacts" in failure.value.hint
    assert len(small_server.requests) == 1


def test_a_refused_artifact_names_the_credentials(small_server: SmallServer, server: Server) -> None:
    small_server.answers[f"{FILES}/1/a"] = [Answer(403, b"")]
    with pytest.raises(NotAuthorizedError):
        HttpArtifacts(server, "1").write_bytes("a", b"")


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"files": [1]}', b'{"files": 5}'])
def test_a_list_that_is_none_is_an_error(small_server: SmallServer, server: Server, body: bytes) -> None:
    small_server.answers[FILES] = [Answer(200, body)]
    with pytest.raises(StoreUnreachableError):
        HttpArtifacts(server, "1").list()


@pytest.mark.server
@pytest.mark.parametrize(
    "name", ["plain.txt", "sp ace.txt", "ü🚀.txt", "50%.txt", "q?x=1&y", "a+b", "x.json.gz", "a;b:c", "'\""]
)
def test_artifacts_keep_their_names_on_a_real_server(real: RestStore, name: str, tmp_path: Path) -> None:
    run = real.create_run("0", run_name="otter", user_id="", start_time=1)
    artifacts = real.artifacts(run.info.run_id)
    artifacts.write_bytes(f"fold er/{name}", b"\x1f\x8b bytes")
    assert [file.path for file in artifacts.list("fold er")] == [f"fold er/{name}"]
    assert artifacts.read_bytes(f"fold er/{name}") == b"\x1f\x8b bytes"
    assert artifacts.local_path(f"fold er/{name}") is None


@pytest.mark.server
def test_a_folder_and_an_empty_file_are_told_apart_on_a_real_server(real: RestStore, tmp_path: Path) -> None:
    artifacts = real.artifacts(real.create_run("0", run_name="otter", user_id="", start_time=1).info.run_id)
    (tmp_path / "empty").touch()
    artifacts.write_file(tmp_path / "empty", "folder/empty")
    assert artifacts.read_bytes("folder/empty") == b""
    assert artifacts.list("folder") == (FileInfo("folder/empty", is_dir=False, file_size=0),)
    with pytest.raises(ArtifactNotFoundError, match="folder"):
        artifacts.read_bytes("folder")


# In object stores


def test_an_object_store_without_its_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for scheme, package in PACKAGES.items():
        with pytest.raises(UnknownStoreError, match=f"{scheme}://bucket/1") as failure:
            open_artifacts(f"{scheme}://bucket/1", server)
        assert failure.value.hint == f"pip install {package}"


@pytest.fixture
def in_memory() -> Iterator[ObjectArtifacts]:
    """Artifacts in an object store that is one of fsspec's own."""
    fsspec = pytest.importorskip("fsspec")
    filesystem = fsspec.filesystem("memory")
    yield ObjectArtifacts("memory://bucket/1/run/artifacts", filesystem=filesystem)
    filesystem.store.clear()
    filesystem.pseudo_dirs[:] = [""]


def test_artifacts_are_written_listed_and_read_in_an_object_store(in_memory: ObjectArtifacts, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(bytes(range(256)))
    assert in_memory.list() == ()
    in_memory.write_bytes("notes.txt", b"first")
    in_memory.write_bytes("notes.txt", b"second")
    told: list[tuple[int, int | None]] = []
    in_memory.write_file(
        tmp_path / "model.bin", "models/one/model.bin", progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (256, 256)
    in_memory.read_file("models/one/model.bin", tmp_path / "again.bin", progress=lambda *one: told.append(one))
    assert (told[-1], (tmp_path / "again.bin").read_bytes()) == ((256, 256), bytes(range(256)))
    for missing in ("nowhere", "models"):
        with pytest.raises(ArtifactNotFoundError, match=missing):
            in_memory.read_file(missing, tmp_path / "again.bin")
    assert in_memory.list() == (FileInfo("models", is_dir=True), FileInfo("notes.txt", is_dir=False, file_size=6))
    assert [file.path for file in in_memory.list("models/one")] == ["models/one/model.bin"]
    assert in_memory.read_bytes("notes.txt", max_bytes=6) == b"second"
    assert in_memory.read_bytes("models/one/model.bin") == bytes(range(256))
    assert in_memory.local_path("notes.txt") is None


def test_an_object_store_refuses_what_the_others_refuse(in_memory: ObjectArtifacts) -> None:
    in_memory.write_bytes("folder/a", b"12345")
    for path in ("missing", "folder"):
        with pytest.raises(ArtifactNotFoundError, match=path):
            in_memory.read_bytes(path)
    with pytest.raises(InvalidValueError, match="5 bytes"):
        in_memory.read_bytes("folder/a", max_bytes=4)
    for path in ("../up", "/etc/passwd"):
        with pytest.raises(UnsafePathError):
            in_memory.write_bytes(path, b"")
    with pytest.raises(UnsafePathError):
        in_memory.write_bytes("", b"")


def test_a_failing_object_store_is_named_with_its_own_words() -> None:
    class NoCredentials:
        def cat_file(self, _: str) -> bytes:
            raise RuntimeError("Unable to locate credentials")

        info = pipe_file = ls = cat_file

    artifacts = ObjectArtifacts("s3://bucket/1", filesystem=NoCredentials())
    with pytest.raises(StoreUnreachableError, match=r"s3://bucket/1.*Unable to locate credentials") as failure:
        artifacts.read_bytes("a.txt")
    assert "credentials" in failure.value.hint
