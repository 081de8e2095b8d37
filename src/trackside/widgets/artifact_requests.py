"""What the front end asks about a run's files: chunks of them to download, and the beginning of tables."""

from __future__ import annotations

import csv
import io
import itertools
import os
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError, NotFoundError
from trackside.tracking import session

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trackside.stores.base import Artifacts
    from trackside.widgets.bridge import Buffers, Handler, Request

CHUNK = 2 * 1024 * 1024
MOST_DOWNLOADS = 4
MAX_TABLE_FILE = 50_000_000
"""Bytes of the largest file that lies elsewhere and is fetched to show it as a table."""
_HEAD = 1_000_000
_ROWS, _COLUMNS, _TEXT = 200, 60, 200


@dataclass(slots=True)
class FolderSizes:
    """The sizes of a run's folders, where they lie on this machine; ``left`` files are looked at in all."""

    artifacts: Artifacts
    left: int = 2000

    def read(self, path: str) -> int | None:
        """The bytes of all files below a folder, links not followed; None where they are elsewhere, or too many."""
        folder = self.artifacts.local_path(path)
        if folder is None or self.left <= 0:
            return None
        files = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
        found = list(itertools.islice(files, self.left + 1))
        self.left -= len(found)
        return sum(map(_bytes_of, found)) if self.left >= 0 else None


def _bytes_of(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:  # removed meanwhile
        return 0


@dataclass(slots=True)
class _Download:
    """A file that is being copied to this machine, because it lies elsewhere."""

    place: tuple[str, str, str]
    folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)
    is_done: bool = False
    error: Exception | None = None

    @property
    def file(self) -> Path:
        return Path(self.folder.name) / "file"

    def start(self, artifacts: Artifacts, path: str) -> None:
        threading.Thread(target=self._copy, args=(artifacts, path), name="trackside-download", daemon=True).start()

    def _copy(self, artifacts: Artifacts, path: str) -> None:
        try:
            artifacts.read_file(path, self.file)
            self.is_done = True
        except Exception as error:  # noqa: BLE001 the next request for a chunk tells it
            self.error = error


_downloads: list[_Download] = []
_lock = threading.Lock()


def read_chunk(request: Request, buffers: Buffers) -> dict[str, Any]:
    """``artifact.chunk``: 2 MB from ``offset`` on; nothing, and no size, while the file is on its way here."""
    run_id, path, offset = request.data["run_id"], request.data["path"], request.data["offset"]
    if offset < 0:
        raise InvalidValueError(f"a file has nothing at {offset}")
    artifacts = session.current_store().artifacts(run_id)
    file = artifacts.local_path(path) or _fetched(artifacts, run_id, path)
    if file is None:
        return {"content": buffers.add(b""), "size": None}
    size = file.stat().st_size
    with file.open("rb") as opened:
        opened.seek(offset)
        content = opened.read(CHUNK)
    if offset + len(content) >= size:
        _forget(run_id, path)
    return {"content": buffers.add(content), "size": size}


def read_table(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``artifact.table``: the first 200 rows of a CSV, TSV or Parquet file, as texts."""
    path = request.data["path"]
    artifacts = session.current_store().artifacts(request.data["run_id"])
    if path.lower().endswith(".parquet"):
        return _parquet(artifacts, path)
    text, is_whole = _head_of(artifacts, path)
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(path, text))
    try:
        lines = list(itertools.islice(reader, _ROWS + 2))
    except csv.Error as error:
        raise InvalidValueError(f"{path!r} cannot be read as a table: {error}") from error
    if not is_whole and len(lines) <= _ROWS + 1:
        lines = lines[:-1]
    rows = lines[1 : _ROWS + 1]
    return _table(lines[0] if lines else [], rows, len(rows) if is_whole and len(lines) <= _ROWS + 1 else None)


HANDLERS: Mapping[str, Handler] = {"artifact.chunk": read_chunk, "artifact.table": read_table}


def _fetched(artifacts: Artifacts, run_id: str, path: str) -> Path | None:
    """The local copy of a file that lies elsewhere, as soon as it is whole."""
    place = (session.current_store().uri, run_id, path)
    with _lock:
        download = next((known for known in _downloads if known.place == place), None)
        if download is None:
            download = _Download(place)
            download.start(artifacts, path)
            _downloads.append(download)
            while len(_downloads) > MOST_DOWNLOADS:
                _downloads.pop(0).folder.cleanup()
    if download.error is not None:
        _forget(run_id, path)
        raise download.error
    return download.file if download.is_done else None


def _forget(run_id: str, path: str) -> None:
    place = (session.current_store().uri, run_id, path)
    with _lock:
        ended = [download for download in _downloads if download.place == place]
        _downloads[:] = [download for download in _downloads if download.place != place]
    for download in ended:
        download.folder.cleanup()


def _head_of(artifacts: Artifacts, path: str) -> tuple[str, bool]:
    """The beginning of a text file, and whether that is all of it."""
    where = artifacts.local_path(path)
    if where is None:
        content = artifacts.read_bytes(path, max_bytes=MAX_TABLE_FILE)
    else:
        with where.open("rb") as file:
            content = file.read(_HEAD + 1)
    return content[:_HEAD].decode("utf-8-sig", "replace").replace("\0", "\ufffd"), len(content) <= _HEAD


def _delimiter(path: str, text: str) -> str:
    if path.lower().endswith(".tsv"):
        return "\t"
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _parquet(artifacts: Artifacts, path: str) -> dict[str, Any]:
    try:
        from pyarrow import parquet  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError as error:
        raise NotFoundError(
            "the kernel has no pyarrow, which reads Parquet files", hint="Install it with %pip install pyarrow."
        ) from error
    source = artifacts.local_path(path) or io.BytesIO(artifacts.read_bytes(path, max_bytes=MAX_TABLE_FILE))
    try:
        file = parquet.ParquetFile(source)
        names = list(file.schema_arrow.names)
        batch = next(file.iter_batches(batch_size=_ROWS, columns=names[:_COLUMNS]), None)
    except (OSError, ValueError) as error:
        raise InvalidValueError(f"{path!r} cannot be read as Parquet: {error}") from error
    columns = [column.to_pylist() for column in batch.columns] if batch is not None else []
    return _table(names, list(zip(*columns, strict=True)), file.metadata.num_rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]], total: int | None) -> dict[str, Any]:
    """An ``ArtifactTable``; a missing value is an empty text."""
    return {
        "columns": [str(name)[:_TEXT] for name in columns[:_COLUMNS]],
        "rows": [["" if cell is None else str(cell)[:_TEXT] for cell in row[:_COLUMNS]] for row in rows],
        "total_columns": len(columns),
        "total_rows": total,
    }
