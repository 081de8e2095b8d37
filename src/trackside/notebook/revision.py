"""A revision: the notebook as it was executed.

The cells come from the front end, else from the file, else from the kernel's history. The sources that were executed
are laid over them, so that a cell shows what ran and not what was typed into it since. Outputs are left out, and so is
the metadata that belongs to them or to the view (`_OF_OUTPUTS`).

What each part of a revision tells:

- ``cell.metadata.trackside`` of a cell that was executed: ``execution_order``, its 1-based positions among the
  executions of the kernel's session; ``executed_at``, the time of each (ISO 8601, UTC; null where the cell ran before
  Trackside was loaded); ``not_in_notebook`` (true) where the notebook does not have the cell any more, or never had;
  ``earlier_sources``, where the cell was executed with another source before: the latest 50 of these, by the
  ``execution_order``.
- ``cell.metadata.trackside.attachments_left_out``: names of attachments that the revision does not have, because all
  together are larger than 10 MB.
- ``notebook.metadata.trackside``: ``id`` and ``path`` of the notebook, ``content`` (an `Origin`), and ``note`` where
  the cells could not come from where they should.

The hash is the SHA-256 of the revision's canonical JSON: keys sorted, no spaces, UTF-8. It covers ``nbformat``,
``nbformat_minor``, the notebook's metadata, and of each cell its id, type, source, attachments and metadata with
``execution_order``. It leaves out what may differ between two runs that the same code made: ``executed_at``, and the
notebook's ``metadata.trackside`` (where the notebook lay and how it was read). ``outputs`` and ``execution_count``
are in a revision for the format's sake, always empty, and left out too. So all runs that one cell makes share one
revision, and executing the cell again makes another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError
from trackside.notebook.content import Cell, Content, Origin
from trackside.notebook.overlay import Layer, Matcher, merge_order
from trackside.notebook.slim import LEFT_OUT

if TYPE_CHECKING:
    from trackside.notebook.history import Execution

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_EARLIER = 50
_UNSAFE = re.compile(r"""[\x00-\x1f\x7f<>:"|?*\\#%]""")
"""What a file system or an artifact server may refuse in a file's name."""
_CELL_TYPES = {"code", "markdown", "raw"}
_OF_OUTPUTS = {"trackside", "execution", "ExecuteTime", "papermill", "trusted", "collapsed", "scrolled"}
_NOT_KEPT = {"trackside", "widgets", "papermill", "signature"}
_DEFAULT_KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """The notebook as it was executed.

    Attributes:
        notebook: An nbformat 4.5 notebook, to be read only.
        sha256: Hash of what was executed; see the module for what it covers.
        file_name: Name for the revision's file, such as ``train.ipynb``.
        text: The notebook as JSON text.
    """

    notebook: Mapping[str, Any] = field(repr=False)
    sha256: str
    file_name: str
    text: str = field(repr=False)

    @property
    def code_sha256(self) -> str:
        """Hash of the code alone, so that it stays the same where cells are executed once more."""
        code = (cell["source"] for cell in self.notebook["cells"] if cell["cell_type"] == "code")
        text = _compact([source for source in code if source.strip()])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def attachments_left_out(self) -> int:
        """How many attachments of the notebook the revision does not have, because they are too large."""
        return sum(len(left_out_of(cell)) for cell in self.notebook["cells"])


def left_out_of(cell: Mapping[str, Any]) -> Sequence[str]:
    """The names of the attachments that a revision's cell lacks."""
    ours = (cell.get("metadata") or {}).get("trackside")
    names = ours.get(LEFT_OUT) if isinstance(ours, dict) else None
    return names if isinstance(names, list) else ()


def build(
    content: Content, executions: Sequence[Execution], *, path: str = "", notebook_id: str | None = None
) -> Revision:
    """Lays what was executed over the notebook's cells.

    Args:
        content: The notebook's cells.
        executions: What the kernel ran, in order.
        path: The notebook's path as shown to people.
        notebook_id: The notebook's id, or None where it has none.
    """
    cells = with_ids(content.cells)
    layers = Matcher(cells, executions).layers
    by_position = {layer.position: layer for layer in layers if layer.position is not None}
    ordered = [
        _executed(cells[entry], by_position.get(entry)) if isinstance(entry, int) else _missing(entry, content.origin)
        for entry in merge_order(len(cells), layers)
    ]
    trackside = {"id": notebook_id, "path": path, "content": content.origin.value, "note": content.note}
    metadata = _metadata(content.metadata) | {"trackside": {key: value for key, value in trackside.items() if value}}
    return _seal({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": with_ids(ordered)}, path)


def read(text: str, expected_sha256: str) -> Revision:
    """Reads a stored revision.

    Raises:
        InvalidValueError: The text is no notebook, or its content does not have the expected hash.
    """
    try:
        notebook = json.loads(text)
        sha256 = hash_of(notebook)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise InvalidValueError(
            f"the notebook revision {expected_sha256[:12]} is damaged: {error}", hint="restore its file from a backup"
        ) from error
    if sha256 != expected_sha256:
        raise InvalidValueError(
            f"the notebook revision was changed: its hash is {sha256[:12]}, the run recorded {expected_sha256[:12]}",
            hint="restore the revision's file from a backup",
        )
    provenance = notebook["metadata"].get("trackside")
    path = provenance.get("path") if isinstance(provenance, dict) else ""
    return Revision(notebook, sha256, _file_name(path if isinstance(path, str) else ""), text)


def hash_of(notebook: Mapping[str, Any]) -> str:
    """The hash of a revision's notebook, as hexadecimal text; see the module for what it covers."""
    digest = hashlib.sha256()
    for piece in _canonical(notebook):
        digest.update(piece.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _canonical(notebook: Mapping[str, Any]) -> Iterator[str]:
    """The canonical JSON in pieces, because other threads have to wait while one piece is made."""
    metadata = {key: value for key, value in notebook["metadata"].items() if key != "trackside"}
    covered = {**notebook, "metadata": metadata}
    yield "{"
    for number, key in enumerate(sorted(covered)):
        yield f"{',' if number else ''}{_compact(key)}:"
        if key == "cells":
            yield "["
            for place, cell in enumerate(notebook["cells"]):
                yield f"{',' if place else ''}{_compact(_covered(cell))}"
            yield "]"
        else:
            yield _compact(covered[key])
    yield "}"


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _covered(cell: Mapping[str, Any]) -> dict[str, Any]:
    covered = {key: value for key, value in cell.items() if key not in {"outputs", "execution_count"}}
    ours = cell["metadata"].get("trackside")
    if isinstance(ours, dict):
        ours = {key: value for key, value in ours.items() if key != "executed_at"}
        covered["metadata"] = {**cell["metadata"], "trackside": ours}
    return covered


def with_ids(cells: Sequence[Mapping[str, Any]]) -> list[Cell]:
    """The cells with unique ids. An id that is missing, invalid or taken is made from the cell's source."""
    valid = {cell["id"] for cell in cells if _CELL_ID.fullmatch(cell.get("id") or "")}
    taken, attempts = set(valid), Counter[str]()
    named: list[Cell] = []
    for cell in cells:
        cell_id = cell.get("id")
        if cell_id in valid:
            valid.remove(cell_id)
        else:
            cell_id = _free_id(cell, taken, attempts)
            taken.add(cell_id)
        named.append({**cell, "id": cell_id})
    return named


def _free_id(cell: Mapping[str, Any], taken: set[str], attempts: Counter[str]) -> str:
    text = f"{cell['cell_type']}:{cell['source']}"
    base = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    while True:
        attempts[base] += 1
        cell_id = base if attempts[base] == 1 else f"{base}-{attempts[base]}"
        if cell_id not in taken:
            return cell_id


def _executed(cell: Cell, layer: Layer | None) -> Cell:
    """The cell as it was executed, or as it is where it never was."""
    kind = cell["cell_type"] if cell["cell_type"] in _CELL_TYPES else "raw"
    metadata = code_metadata(cell["metadata"])
    if layer is None:
        return _cell(kind, cell["source"], metadata, cell)
    return _cell("code", layer.source, metadata | {"trackside": _traces(layer)}, cell)


def code_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Of a cell's metadata what belongs to the code, and not to outputs or the view."""
    return {key: value for key, value in metadata.items() if key not in _OF_OUTPUTS}


def _missing(layer: Layer, origin: Origin) -> Cell:
    """A cell that was executed and is not in the notebook; without a notebook to compare with, nothing is missing."""
    traces = _traces(layer)
    if origin is not Origin.HISTORY:
        traces["not_in_notebook"] = True
    return _cell("code", layer.source, {"trackside": traces}, {"id": layer.executions[0].cell_id})


def _cell(kind: str, source: str, metadata: dict[str, Any], template: Mapping[str, Any]) -> Cell:
    cell: Cell = {"cell_type": kind, "id": template.get("id"), "metadata": metadata, "source": source}
    if kind == "code":
        return {**cell, "execution_count": None, "outputs": []}
    if template.get("attachments"):
        cell["attachments"] = template["attachments"]
    if template.get(LEFT_OUT):
        cell["metadata"] = {**metadata, "trackside": {LEFT_OUT: template[LEFT_OUT]}}
    return cell


def _traces(layer: Layer) -> dict[str, Any]:
    traces: dict[str, Any] = {
        "execution_order": [execution.number for execution in layer.executions],
        "executed_at": [_iso(execution.started_ms) for execution in layer.executions],
    }
    earlier = [execution for execution in layer.executions if execution.source != layer.source]
    if earlier:
        traces["earlier_sources"] = {str(execution.number): execution.source for execution in earlier[-_MOST_EARLIER:]}
    return traces


def _iso(time_ms: int | None) -> str | None:
    if time_ms is None:
        return None
    seconds, milliseconds = divmod(time_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook's metadata that belongs to the code; a kernelspec that nbformat would refuse is replaced."""
    kept = {key: value for key, value in metadata.items() if key not in _NOT_KEPT}
    kernelspec = kept.get("kernelspec")
    if not isinstance(kernelspec, dict) or not {"name", "display_name"} <= kernelspec.keys():
        kept["kernelspec"] = dict(_DEFAULT_KERNELSPEC)
    language = kept.get("language_info")
    if not isinstance(language, dict) or "name" not in language:
        kept["language_info"] = {"name": "python"}
    return kept


def _seal(notebook: dict[str, Any], path: str) -> Revision:
    return Revision(notebook, hash_of(notebook), _file_name(path), _text_of(notebook))


def _text_of(notebook: dict[str, Any]) -> str:
    """JSON as Jupyter writes it. Half of a surrogate pair, which UTF-8 cannot hold, makes the text ASCII."""
    text = json.dumps(notebook, sort_keys=True, ensure_ascii=False, indent=1)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(notebook, sort_keys=True, ensure_ascii=True, indent=1)
    return text + "\n"


def _file_name(path: str) -> str:
    name = _UNSAFE.sub("_", PurePosixPath(path).stem) or "notebook"
    return f"{name}.ipynb"
