"""Artifacts of the active run: files, folders, and objects that are written as files.

Names of artifacts are paths from the run's artifact root, with ``/``; a name that would leave it is refused with
UnsafePathError. Files that are there already are replaced.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from trackside.entities import Run, Tag
from trackside.errors import ArtifactNotFoundError, InvalidValueError, StoreError, is_away
from trackside.tracking import render, tag_names
from trackside.tracking.fluent import Target, active_run, require_target
from trackside.tracking.values import now_ms

if TYPE_CHECKING:
    from trackside.stores.pieces import Progress

AnyPath: TypeAlias = "str | os.PathLike[str]"

_tables: dict[tuple[str, str], bytes] = {}
"""The tables that this process logged last, by run and path: a store that is away cannot be asked for their rows."""
_MOST_TABLES = 16

PREVIEW_SIZE = 256
"""Longest side, in pixels, of the small copy that is kept beside an image of a series."""


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Keep a text as a file, in UTF-8."""
    _write(run_id, artifact_file, text.encode())


def log_dict(dictionary: Mapping[str, Any] | Sequence[Any], artifact_file: str, run_id: str | None = None) -> None:
    """Keep a dictionary or list as YAML (``.yml``, ``.yaml``) or else as JSON."""
    _write(run_id, artifact_file, render.render_dict(dictionary, artifact_file))


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
    """Keep a figure of Matplotlib or Plotly, in the format that the suffix names.

    Args:
        figure: The figure; it is neither shown nor closed.
        artifact_file: Such as ``loss.png``, ``loss.svg``; of Plotly also ``loss.html``.
        save_kwargs: Passed on to Matplotlib's ``savefig`` or Plotly's writer.
    """
    _write(None, artifact_file, render.render_figure(figure, artifact_file, save_kwargs or {}))


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,  # noqa: ARG001 - always
) -> None:
    """Keep an image: a Pillow image, or a NumPy array of pixels.

    Args:
        image: Arrays are height x width, with 1, 3 or 4 channels last: bool, 0 to 255, or 0.0 to 1.0.
        artifact_file: The file's name; its suffix names the format.
        key: Instead of a name: the series that the image belongs to, which MLflow's pages play back by step.
        step: Position in the series; 0 where it is left out.
        timestamp: In milliseconds; now where it is left out.
        synchronous: Accepted for MLflow's sake. When the call returns, the image is stored.
    """
    if (artifact_file is None) == (key is None):
        raise InvalidValueError("log_image needs either artifact_file or key, and not both")
    if artifact_file is not None:
        _write(None, artifact_file, render.render_image(image, artifact_file))
    else:
        when = now_ms() if timestamp is None else timestamp
        _log_image_of_series(image, f"{str(key).replace('/', '~')}+step+{step or 0}+timestamp+{when}")


def log_table(data: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Keep a table as JSON, as MLflow does; rows logged under the same name later go below the earlier ones.

    Args:
        data: A DataFrame, or a dictionary of columns (or of single values, for one row).
        artifact_file: A name that ends in ``.json``.
        run_id: The run to log to.
    """
    target = require_target(run_id)
    content = render.render_table(data, artifact_file, _read_table(target, artifact_file))
    target.store.artifacts(target.run_id).write_bytes(artifact_file, content)
    _tables[target.run_id, artifact_file] = content
    if len(_tables) > _MOST_TABLES:
        del _tables[next(iter(_tables))]
    _note_table(target, artifact_file)


def log_stream(stream: BinaryIO, artifact_file: str, run_id: str | None = None) -> None:
    """Keep what is left to read of a binary stream as a file."""
    _write(run_id, artifact_file, stream.read())


def log_artifact(
    local_path: AnyPath,
    artifact_path: str | None = None,
    run_id: str | None = None,
    *,
    progress: Progress | None = None,
) -> None:
    """Copy a file, or a folder with all that is in it, to the run.

    Args:
        local_path: The file or folder.
        artifact_path: The folder among the run's artifacts that it goes to; without it, the root.
        run_id: The run to log to.
        progress: Is called with the bytes that are there and how many there are in all, after each megabyte or so.
    """
    source = Path(local_path)
    if not source.exists():
        raise InvalidValueError(f"there is no file or folder {str(source)!r} to log", hint=f"looked in {Path.cwd()}")
    if source.is_dir():
        log_artifacts(source, _join(artifact_path, source.absolute().name), run_id, progress=progress)
    else:
        target = require_target(run_id)
        name = _join(artifact_path, source.name)
        target.store.artifacts(target.run_id).write_file(source, name, progress=progress)


def log_artifacts(
    local_dir: AnyPath,
    artifact_path: str | None = None,
    run_id: str | None = None,
    *,
    progress: Progress | None = None,
) -> None:
    """Copy what is in a folder, and in the folders in it, to the run; ``progress`` counts all files together."""
    source = Path(local_dir)
    if not source.is_dir():
        raise InvalidValueError(f"there is no folder {str(source)!r} to log", hint="for one file, use log_artifact")
    target = require_target(run_id)
    artifacts = target.store.artifacts(target.run_id)
    files = {path: path.stat().st_size for path in sorted(source.rglob("*")) if path.is_file()}
    done, total = 0, sum(files.values())
    for path, size in files.items():
        told = progress and _shifted(progress, done, total)
        artifacts.write_file(path, _join(artifact_path, path.relative_to(source).as_posix()), progress=told)
        done += size


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Where the artifacts of the active run lie, or one of them."""
    target = require_target(None)
    root = target.store.get_run(target.run_id).info.artifact_uri
    return f"{root.rstrip('/')}/{artifact_path}" if artifact_path else root


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Count one file after others."""
    return lambda done, _: progress(before + done, total)


def _write(run_id: str | None, path: str, content: bytes) -> None:
    target = require_target(run_id)
    target.store.artifacts(target.run_id).write_bytes(path, content)


def _log_image_of_series(image: Any, name: str) -> None:
    """Under the names by which MLflow's pages find the images of a series."""
    picture = render.to_picture(image)
    small = picture.copy()
    small.thumbnail((PREVIEW_SIZE, PREVIEW_SIZE))
    base = f"images/{name}+{uuid.uuid4()}"
    target = require_target(None)
    _write(target.run_id, f"{base}.png", render.render_image(picture, "x.png"))
    _write(target.run_id, f"{base}+compressed.webp", render.render_image(small, "x.webp"))
    target.store.log_batch(target.run_id, tags=[Tag(tag_names.LOGGED_IMAGES, "True")])


def _read_table(target: Target, path: str) -> bytes | None:
    """The table as it is; while the store is away, as this process left it, or None where it is a new one."""
    try:
        return target.store.artifacts(target.run_id).read_bytes(path)
    except ArtifactNotFoundError:
        return None
    except StoreError as error:
        known = _tables.get((target.run_id, path))
        if not is_away(error) or (known is None and not _is_new_table(target, path)):
            raise
        return known


def _is_new_table(target: Target, path: str) -> bool:
    """Whether a run that this process started, or continued, had no such table then."""
    run = active_run()
    return run is not None and run.info.run_id == target.run_id and _entry(path) not in _entries(run)


def _note_table(target: Target, path: str) -> None:
    """Name the table in the tag by which MLflow's pages find tables."""
    entry = _entry(path)
    try:
        known = _entries(target.store.get_run(target.run_id))
    except StoreError as error:
        run = active_run()
        if not is_away(error) or run is None:
            raise
        mine = [_entry(name) for run_id, name in _tables if run_id == target.run_id and name != path]
        known = [*_entries(run), *(one for one in mine if one not in _entries(run))]
    if entry not in known:
        tag = Tag(tag_names.LOGGED_ARTIFACTS, json.dumps([*known, entry]))
        target.store.log_batch(target.run_id, tags=[tag])


def _entry(path: str) -> dict[str, str]:
    return {"path": path, "type": "table"}


def _entries(run: Run) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run.data.tags.get(tag_names.LOGGED_ARTIFACTS, "[]"))
    return found


def _join(folder: str | None, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder else name
