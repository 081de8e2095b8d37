"""The folder that a run's notebook is cloned into: new or empty, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError, StoreReadOnlyError
from trackside.notebook.restoring import restored
from trackside.notebook.urls import without_credentials
from trackside.reproducing.disk import write_error
from trackside.reproducing.kept import MAX_FILE, KeptNotebook
from trackside.settings import FOLDER_FILE
from trackside.tracking import folder_store

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Store

_UNSAFE = re.compile(r"""[\x00-\x1f\x7f<>:"|?*\\/#%\s]+""")
_LONGEST_NAME = 80
_FRESH = ".trackside-clone-"
"""Followed by the id of the process that writes there."""


@dataclass(frozen=True, slots=True)
class Links:
    """What the clone says of itself in its metadata.

    Attributes:
        kernel: The kernel that it is attached to; empty for the one that the notebook named.
        display_name: What that kernel is called.
        left_out: Libraries of the run that its environment does not have, and files that were not written.
    """

    kernel: str = ""
    display_name: str = ""
    left_out: Sequence[str] = ()


def propose_folder(parent: Path, file_name: str, run_name: str) -> Path:
    """A folder ``<notebook>-<run name>`` that does not exist yet."""
    stem = _UNSAFE.sub("-", f"{Path(file_name).stem}-{run_name}").strip("-. ")[:_LONGEST_NAME] or "reproduced"
    folder, number = parent / stem, 1
    while folder.exists():
        number += 1
        folder = parent / f"{stem}-{number}"
    return folder


def absolute(folder: str | os.PathLike[str]) -> Path:
    """The folder's whole path, with ``~`` as shells know it. Raises InvalidValueError where nobody is called so."""
    try:
        return Path(folder).expanduser().absolute()
    except RuntimeError as error:
        raise InvalidValueError(f"{os.fspath(folder)!r} is no folder: {error}") from error


def require_folder(text: str | os.PathLike[str]) -> Path:
    """The folder, if the clone can go there.

    Raises:
        InvalidValueError: It exists and is not empty, or is no folder, or the text is no path.
        StoreReadOnlyError: Nothing can be written there.
    """
    told = os.fspath(text)
    if not told.strip() or "\0" in told:
        raise InvalidValueError(f"{told!r} is no folder")
    folder = absolute(told)
    try:
        if folder.exists() and not folder.is_dir():
            raise InvalidValueError(f"{folder} is a file", hint="Choose a new folder.")
        if folder.is_dir() and any(folder.iterdir()):
            raise InvalidValueError(f"the folder {folder} exists and is not empty", hint="Choose a new folder.")
    except PermissionError as error:
        raise write_error(folder, error) from error
    above = folder if folder.exists() else next(path for path in folder.parents if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise StoreReadOnlyError(
            f"{above} cannot be written, so {folder} cannot be made", hint="Choose another folder."
        )
    return folder


def cloned_notebook(store: Store, run: Run, kept: KeptNotebook, links: Links) -> dict[str, Any]:
    """The notebook with a link to the run, on its kernel, and without the original's identity and traces."""
    notebook = restored(kept.notebook)
    metadata = notebook["metadata"]
    origin = {
        "run_id": run.info.run_id,
        "run_name": run.info.run_name,
        "store": without_credentials(store.uri),
        "commit" if kept.is_commit else "revision": kept.version,
        **({"left_out": list(links.left_out)} if links.left_out else {}),
    }
    metadata["trackside"] = {"reproduces": origin}
    if links.kernel:
        named = {"name": links.kernel, "display_name": links.display_name or links.kernel, "language": "python"}
        metadata["kernelspec"] = named
    return notebook


def write_clone(
    folder: Path, notebook: Mapping[str, Any], kept: KeptNotebook, store: Store, run: Run, *, own_store: bool = False
) -> Path:
    """Write notebook and files, and return the notebook's path; where it fails, nothing is left.

    The runs of the clone go beside the original where that is in a file; with ``own_store`` where MLflow puts them.

    Raises:
        StoreReadOnlyError: It cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        fresh = Path(tempfile.mkdtemp(prefix=f"{_FRESH}{os.getpid()}-", dir=folder.parent))
        try:
            text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
            (fresh / kept.file_name).write_bytes(f"{text}\n".encode("utf-8", "replace"))
            _write_beside(fresh, kept, store, run)
            if not own_store and (told := folder_store.file_text(store.uri)):
                (fresh / FOLDER_FILE).write_text(told, encoding="utf-8")
            fresh.chmod(0o755)
            if folder.exists():
                folder.rmdir()
            fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise write_error(folder, error) from error
    return folder / kept.file_name


def _sweep(parent: Path) -> None:
    """Remove what processes left that were killed while they wrote a clone here."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    for place in parent.glob(f"{_FRESH}*"):
        process_id = place.name.removeprefix(_FRESH).partition("-")[0]
        if process_id.isdigit() and not psutil.pid_exists(int(process_id)):
            shutil.rmtree(place, ignore_errors=True)


def _write_beside(folder: Path, kept: KeptNotebook, store: Store, run: Run) -> None:
    artifacts = store.artifacts(run.info.run_id)
    for name, text in kept.committed.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))
    for name, source in kept.beside.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(artifacts.read_bytes(source, max_bytes=MAX_FILE))
