"""The notebook revision that a run keeps: read, and written out as a notebook to go on with."""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from trackside.errors import ArtifactNotFoundError, InvalidValueError, NotFoundError
from trackside.notebook import restoring, revision
from trackside.tracking import session, tag_names

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.notebook.revision import Revision
    from trackside.stores.base import Artifacts, Store

MAX_REVISION = 256 * 1024 * 1024
"""Bytes of the largest revision that is read."""
_NOTEBOOK = re.compile(r"""[^\x00-\x1f\x7f<>:"|?*\\/#%.][^\x00-\x1f\x7f<>:"|?*\\/#%]{0,150}\.ipynb""")


def has_revision(run: Run) -> bool:
    """Whether the run's tags name a notebook revision."""
    return bool(run.data.tags.get(tag_names.REVISION_PATH) and run.data.tags.get(tag_names.REVISION_SHA256))


def require_revision(run: Run) -> None:
    """Raises NotFoundError where the run's tags name no notebook revision; it says what else there is."""
    if not has_revision(run):
        raise NotFoundError(
            f"no notebook revision was kept for the run {run.info.run_name!r}", hint=_what_there_is(run)
        )


def fetch_revision(store: Store, run: Run, *, max_bytes: int = MAX_REVISION) -> Revision:
    """The notebook that made a run.

    Raises:
        NotFoundError: No revision was kept, or its file is gone.
        InvalidValueError: The file is not what the run recorded.
    """
    require_revision(run)
    path, sha256 = run.data.tags[tag_names.REVISION_PATH], run.data.tags[tag_names.REVISION_SHA256]
    return revision.read(_read_text(store.artifacts(run.info.run_id), path, max_bytes), sha256)


def notebook_name(path: str, fallback: str) -> str:
    """The last part of a path that a run tells, if a notebook can be called so on every system."""
    name = PurePosixPath(path).name
    return name if _NOTEBOOK.fullmatch(name) else fallback


def restore_revision(run_id: str, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> Path:
    """Write the notebook that made a run to a file, as a notebook to work with.

    What only tells of the execution is left out. Where the file is there and may be overwritten, cells that did not
    change keep their outputs, and the notebook its own metadata.

    Args:
        run_id: The run.
        path: The file, or a folder for a file of the revision's name; by default this folder.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        The file.

    Raises:
        InvalidValueError: The file is there and `overwrite` is not set, or it cannot be written, or is no notebook.
        NotFoundError: The run has no revision.
    """
    store = session.current_store()
    run = store.get_run(run_id)
    found = fetch_revision(store, run)
    target = Path(path) if path is not None else Path.cwd()
    if target.is_dir():
        target /= notebook_name(run.data.tags[tag_names.REVISION_PATH], found.file_name)
    if os.path.lexists(target) and not overwrite:
        raise InvalidValueError(f"there is a file {str(target)!r} already", hint="name another, or set overwrite=True")
    _write_notebook(target, restoring.restored(found.notebook, _read_notebook(target)))
    return target


def _read_notebook(path: Path) -> Mapping[str, Any] | None:
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValueError(
            f"the file {str(path)!r} cannot be read as a notebook: {error}", hint="name another file"
        ) from error
    return found if isinstance(found, dict) and found.get("nbformat") == 4 else None


def _write_notebook(path: Path, notebook: Mapping[str, Any]) -> None:
    """Whole or not at all: what is written goes beside the file first."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.write_bytes(text.encode("utf-8", "backslashreplace"))
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InvalidValueError(f"the notebook {str(path)!r} cannot be written: {error.strerror or error}") from error


def _read_text(artifacts: Artifacts, path: str, max_bytes: int) -> str:
    try:
        return artifacts.read_bytes(path, max_bytes=max_bytes).decode()
    except ArtifactNotFoundError as error:
        raise ArtifactNotFoundError(
            f"the notebook revision {path!r} is not among the run's artifacts any more", hint=error.hint
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidValueError(f"the notebook revision {path!r} is damaged: it is no UTF-8 text") from error


def _what_there_is(run: Run) -> str:
    source, commit = run.data.tags.get(tag_names.SOURCE_NAME), run.data.tags.get(tag_names.GIT_COMMIT)
    if source and commit:
        return f"Its source is {source} and its git commit is {commit}."
    if source:
        return f"Its source is {source}."
    return f"Its git commit is {commit}." if commit else "It was made without a notebook."
