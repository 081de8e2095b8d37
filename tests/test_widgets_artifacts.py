"""Files of runs as the panel reads them: chunks to download, and the beginning of tables."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from trackside.errors import ArtifactNotFoundError
from trackside.stores.artifacts import LocalArtifacts
from trackside.stores.uri import open_store
from trackside.widgets import artifact_requests, run_requests
from trackside.widgets.bridge import Message, answer

from .widget_world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(workspace: Path) -> World:
    return World(open_store("sqlite:///mlflow.db"))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact_requests, "CHUNK", 4)


def ask(kind: str, **data: Any) -> Message:
    return answer({"id": "page:1", "kind": kind, "data": data}, run_requests.HANDLERS)


def fault_of(message: Message) -> dict[str, str]:
    fault: dict[str, str] = message.content["fault"]
    return fault


def download(run_id: str, path: str) -> tuple[bytes, list[int | None]]:
    """A file chunk by chunk, and the size that each chunk told; waits for it where it lies elsewhere."""
    content, sizes = b"", []
    while not sizes or sizes[-1] is None or len(content) < sizes[-1]:
        message = ask("artifact.chunk", run_id=run_id, path=path, offset=len(content))
        content += message.buffers[message.content["reply"]["content"]]
        sizes.append(message.content["reply"]["size"])
    return content, sizes


def table(world: World, name: str, content: bytes) -> dict[str, Any]:
    world.store.artifacts(world.parent).write_bytes(name, content)
    reply: dict[str, Any] = ask("artifact.table", run_id=world.parent, path=name).content["reply"]
    return reply


@pytest.mark.usefixtures("small_chunks")
def test_a_file_comes_in_chunks_and_an_empty_one_in_one(world: World) -> None:
    """R4.2: download with progress."""
    artifacts = world.store.artifacts(world.parent)
    artifacts.write_bytes("model.bin", b"0123456789")
    artifacts.write_bytes("empty", b"")
    assert download(world.parent, "model.bin") == (b"0123456789", [10, 10, 10])
    assert download(world.parent, "empty") == (b"", [0])


@pytest.mark.usefixtures("small_chunks")
def test_a_file_that_lies_elsewhere_is_fetched_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.2: nothing waits for it, and its copy goes away at the end."""
    world.store.artifacts(world.parent).write_bytes("model.bin", b"0123456789")
    real = LocalArtifacts.local_path
    monkeypatch.setattr(LocalArtifacts, "local_path", lambda self, path="": None)
    content, sizes = download(world.parent, "model.bin")
    assert content == b"0123456789"
    assert set(sizes) <= {None, 10}
    assert artifact_requests._downloads == []
    while "fault" not in (message := ask("artifact.chunk", run_id=world.parent, path="none", offset=0)).content:
        assert message.content["reply"]["size"] is None
    assert fault_of(message)["code"] == ArtifactNotFoundError("").code
    monkeypatch.setattr(LocalArtifacts, "local_path", real)


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes")
def test_of_a_file_of_2_gb_no_more_than_a_chunk_is_read(world: World) -> None:
    """R4.2: it is not loaded, only offered for download."""
    artifacts = world.store.artifacts(world.parent)
    artifacts.write_bytes("model.csv", b"a,b\n1,2\n")
    where = artifacts.local_path("model.csv")
    assert where is not None
    os.truncate(where, 2_000_000_000)
    entries = ask("artifacts.list", run_id=world.parent, path="").content["reply"]["entries"]
    assert {"path": "model.csv", "is_dir": False, "size": 2_000_000_000} in entries
    assert "2,000.0 MB" in fault_of(ask("artifact.read", run_id=world.parent, path="model.csv"))["message"]
    for offset in (0, 1_999_999_990):
        message = ask("artifact.chunk", run_id=world.parent, path="model.csv", offset=offset)
        assert message.content["reply"]["size"] == 2_000_000_000
        assert len(message.buffers[0]) == min(artifact_requests.CHUNK, 2_000_000_000 - offset)


@pytest.mark.parametrize("path", ["../../mlflow.db", "/etc/passwd"])
def test_a_path_that_leaves_the_runs_folder_is_refused(world: World, path: str) -> None:
    assert fault_of(ask("artifact.chunk", run_id=world.parent, path=path, offset=0))["code"] == "UnsafePath"
    assert fault_of(ask("artifact.table", run_id=world.parent, path=path))["code"] == "UnsafePath"


def test_a_place_before_the_file_is_refused(world: World) -> None:
    fault = fault_of(ask("artifact.chunk", run_id=world.parent, path="summary.txt", offset=-1))
    assert fault["code"] == "InvalidValue"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b'x,name\r\n1,"Bo, b"\r\n2,<b>\r\n'),
        ("a.tsv", b"x\tname\n1\tBo, b\n2\t<b>\n"),
        ("semicolons.csv", b'\xef\xbb\xbfx;name\n1;"Bo, b"\n2;<b>'),
    ],
)
def test_tables_of_text_are_read_with_their_separator(world: World, name: str, content: bytes) -> None:
    """R4.2: preview of tables."""
    found = table(world, name, content)
    assert (found["columns"], found["rows"]) == (["x", "name"], [["1", "Bo, b"], ["2", "<b>"]])
    assert (found["total_rows"], found["total_columns"]) == (2, 2)


def test_of_a_large_table_the_beginning_is_shown(world: World) -> None:
    """R4.2: 200 rows, 60 columns, 200 characters, whole lines."""
    wide = table(world, "wide.csv", b"\n".join([b",".join([b"x" * 300] * 100)] * 3))
    assert (len(wide["columns"]), wide["total_columns"], len(wide["rows"][0][0])) == (60, 100, 200)
    tall = table(world, "tall.csv", b"n\n" + b"".join(b"%d\n" % number for number in range(300_000)))
    assert (len(tall["rows"]), tall["rows"][-1], tall["total_rows"]) == (200, ["199"], None)
    few = table(world, "few.csv", b"n\n" + b"\n".join([b"y" * 100_000] * 15))
    assert (len(few["rows"]), few["total_rows"]) == (9, None)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b'a,"b\n', b"\0,\0"])
def test_what_is_hardly_a_table_is_shown_as_far_as_it_is(world: World, content: bytes) -> None:
    assert len(table(world, "odd.csv", content)["rows"]) == 0


def test_a_value_of_a_megabyte_is_said_instead_of_shown(world: World) -> None:
    world.store.artifacts(world.parent).write_bytes("one.csv", b"n\n" + b"z" * 1_000_000)
    fault = fault_of(ask("artifact.table", run_id=world.parent, path="one.csv"))
    assert (fault["code"], "cannot be read as a table" in fault["message"]) == ("InvalidValue", True)


def test_parquet_is_read_where_the_kernel_has_pyarrow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.2"""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = world.store.artifacts(world.parent).local_path("")
    assert path is not None
    parquet.write_table(pyarrow.table({"n": list(range(1000)), "s": ["<b>", None] * 500}), path / "data.parquet")
    found = ask("artifact.table", run_id=world.parent, path="data.parquet").content["reply"]
    assert (found["columns"], found["rows"][:2], len(found["rows"])) == (["n", "s"], [["0", "<b>"], ["1", ""]], 200)
    assert found["total_rows"] == 1000
    (path / "broken.parquet").write_bytes(b"PAR1")
    assert fault_of(ask("artifact.table", run_id=world.parent, path="broken.parquet"))["code"] == "InvalidValue"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pyarrow" in fault_of(ask("artifact.table", run_id=world.parent, path="data.parquet"))["message"]


def test_folders_have_the_size_of_their_files_unless_these_are_too_many(world: World) -> None:
    """R4.2: links are not followed."""
    artifacts = world.store.artifacts(world.parent)
    for number in range(3):
        artifacts.write_bytes(f"deep/er/{number}.bin", b"x" * 100)
    folder = artifacts.local_path("deep")
    assert folder is not None
    (folder / "link").symlink_to("/")
    sizes = artifact_requests.FolderSizes(artifacts, left=3)
    assert sizes.read("deep") == 300
    assert sizes.read("notebook") is None
    assert artifact_requests.FolderSizes(artifacts, left=2).read("deep") is None
