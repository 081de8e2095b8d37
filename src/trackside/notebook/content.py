"""The cells of a notebook, from wherever they are known: a front end, the file, or nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from trackside.errors import InvalidValueError
from trackside.notebook import slim

Cell = dict[str, Any]

MAX_FILE_BYTES = 256 * 1024 * 1024
"""A larger file is not read."""
READ_APART_BYTES = 16 * 1024 * 1024
"""A larger file is parsed by a process of its own: parsing it here would hold up the user's own threads."""
_APART_TIMEOUT_S = 60.0


class Origin(str, Enum):
    """Where the cells of a revision were taken from."""

    FRONT_END = "front end"
    FILE = "file"
    HISTORY = "history"


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The cells and metadata of a notebook at one time.

    Attributes:
        cells: nbformat 4 cells in notebook order, with ``source`` as one text and without outputs; ids may be missing.
            ``attachments_left_out`` of a cell has the names of those that were too large.
        metadata: The notebook's metadata.
        note: Why the cells come from here, where something better was expected.
    """

    origin: Origin
    cells: Sequence[Cell] = field(default=(), repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    note: str = ""

    @property
    def notebook_id(self) -> str | None:
        """The notebook's own id, from its metadata."""
        return id_in(self.metadata)

    @property
    def kernelspec(self) -> str:
        """Name of the kernelspec that the notebook asks for, or an empty text."""
        name = _mapping(self.metadata.get("kernelspec")).get("name")
        return name if isinstance(name, str) else ""


def id_in(metadata: Mapping[str, Any]) -> str | None:
    """The notebook id in a notebook's metadata."""
    notebook_id = _mapping(metadata.get("trackside")).get("id")
    return notebook_id if isinstance(notebook_id, str) and notebook_id else None


def read_file(path: Path) -> Content:
    """Reads a notebook from disk.

    Raises:
        InvalidValueError: The file cannot be read, or is no notebook; the message says why in a few words.
    """
    apart = _read_apart(path)
    notebook = _parse(apart) if apart else slim.slim(_parse(_read_bytes(path)))
    if notebook.get("nbformat") != 4:
        notebook = _convert(notebook)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise InvalidValueError("the file has no list of cells")
    metadata = _mapping(notebook.get("metadata"))
    return Content(Origin.FILE, [_plain_cell(cell) for cell in cells if isinstance(cell, dict)], metadata)


def with_attachments(live: Content, path: Path | None, reader: FileReader) -> Content:
    """The front end's cells with the images pasted into them, which are in the file only.

    Args:
        live: The front end's content, whose cells have ids.
        path: The notebook's file, or None where it is unknown; it is not read when no cell shows an attachment.
        reader: Reads it.
    """
    if path is None or not any("attachment:" in cell["source"] for cell in live.cells if cell["cell_type"] != "code"):
        return live
    stored = {cell["id"]: _attached(cell) for cell in reader.read(path).cells if "id" in cell}
    return replace(live, cells=[cell | stored.get(cell["id"], {}) for cell in live.cells])


def _attached(cell: Cell) -> Cell:
    """What a cell has of attachments, and which it lacks."""
    return {key: cell[key] for key in ("attachments", slim.LEFT_OUT) if key in cell}


class FileReader:
    """Reads one notebook file again only when it has changed."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._content: Content | None = None

    def read(self, path: Path) -> Content:
        """The file's content, or content without cells whose note says why there is none."""
        try:
            status = path.stat()
        except OSError as error:
            return _unreadable(path, error.strerror or type(error).__name__)
        seen = (path, status.st_mtime_ns, status.st_size, status.st_ino)
        content = self._content
        if content is None or seen != self._seen:
            content = _read_or_note(path)
            self._seen, self._content = seen, content
        return content


def _read_or_note(path: Path) -> Content:
    try:
        return read_file(path)
    except InvalidValueError as error:
        return _unreadable(path, error.message)


def _unreadable(path: Path, reason: str) -> Content:
    return Content(Origin.HISTORY, note=f"built from the history, because {path.name} could not be read: {reason}")


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                raise InvalidValueError(f"the file is larger than {MAX_FILE_BYTES // 1024**2} MB")
            return file.read()
    except OSError as error:
        raise InvalidValueError(error.strerror or type(error).__name__) from error


def _read_apart(path: Path) -> bytes:
    """The slim notebook of a large file; nothing for other files, and where no other process can make it."""
    command = [sys.executable, "-I", "-S", slim.__file__, str(path)]
    try:
        if not READ_APART_BYTES < path.stat().st_size <= MAX_FILE_BYTES:
            return b""
        done = subprocess.run(  # noqa: S603 - this interpreter, no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_APART_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return b""
    return done.stdout


def _parse(data: bytes) -> dict[str, Any]:
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidValueError(f"the file is not UTF-8 text (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(f"the file is not valid JSON ({error})") from error
    if not isinstance(notebook, dict):
        raise InvalidValueError("the file is not a notebook")
    return notebook


def _convert(notebook: dict[str, Any]) -> dict[str, Any]:
    """Brings a notebook of format 1, 2 or 3 to format 4."""
    import nbformat

    formats: Any = nbformat
    try:
        converted = formats.convert(formats.from_dict(notebook), 4)
    except Exception as error:
        raise InvalidValueError(f"the file is of an unknown notebook format ({notebook.get('nbformat')!r})") from error
    return dict(converted)


def _plain_cell(cell: Mapping[str, Any]) -> Cell:
    plain: Cell = {
        "cell_type": cell.get("cell_type"),
        "source": join_source(cell.get("source")),
        "metadata": dict(_mapping(cell.get("metadata"))),
    }
    if isinstance(cell.get("id"), str):
        plain["id"] = cell["id"]
    if isinstance(cell.get("attachments"), dict):
        plain["attachments"] = cell["attachments"]
    if slim.LEFT_OUT in cell:
        plain[slim.LEFT_OUT] = cell[slim.LEFT_OUT]
    return plain


def join_source(source: object) -> str:
    """A cell's source as one text, from the text or the list of lines that nbformat allows."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
