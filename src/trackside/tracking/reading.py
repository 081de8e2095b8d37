"""What was logged to a run, read back: curves, files, the runs below it. Names and signatures are MLflow's client's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import ArtifactNotFoundError
from trackside.stores.artifacts import normal_path
from trackside.tracking import session
from trackside.tracking.neighbours import find_children

if TYPE_CHECKING:
    import os

    from trackside.entities import FileInfo, Metric, Run
    from trackside.stores.base import Artifacts

_MOST_CHILDREN = 2**62


def get_metric_history(run_id: str, key: str) -> list[Metric]:
    """Every value that was logged to a metric; none where the run has no such metric. Raises RunNotFoundError."""
    return list(session.current_store().metric_history(run_id, key))


def get_child_runs(run_id: str) -> list[Run]:
    """The runs that are nested directly in this one and not deleted, in the order of their start."""
    store = session.current_store()
    children, _ = find_children(store, store.get_run(run_id), _MOST_CHILDREN)
    return list(children)


def list_artifacts(run_id: str, path: str | None = None) -> list[FileInfo]:
    """The files and folders directly in a folder of a run's artifacts, by name; without ``path`` in the root."""
    return list(session.current_store().artifacts(run_id).list(path or ""))


def download_artifacts(run_id: str, path: str = "", dst_path: str | os.PathLike[str] | None = None) -> str:
    """Copy a file or folder of a run's artifacts to this machine, and return the local path.

    Args:
        run_id: The run.
        path: Among its artifacts; "" for all of them.
        dst_path: The folder to copy to, under the same path. Without it a new temporary folder, or no copy at all
            where the artifacts lie on this machine: then the path is that of the run's own file.

    Raises:
        ArtifactNotFoundError: There is no such file or folder.
    """
    artifacts = session.current_store().artifacts(run_id)
    local = artifacts.local_path(path) if dst_path is None else None
    if local is not None:
        return str(local)
    files = list(_files_in(artifacts, path)) or [normal_path(path)]
    if files == [""]:
        raise ArtifactNotFoundError(f"run {run_id} has no artifacts")
    target = Path(tempfile.mkdtemp(prefix="trackside-") if dst_path is None else dst_path).absolute()
    for file in files:
        _copy(artifacts, file, target / file)
    return str(target / normal_path(path))


def _files_in(artifacts: Artifacts, folder: str) -> Iterator[str]:
    for found in artifacts.list(folder):
        if found.is_dir:
            yield from _files_in(artifacts, found.path)
        else:
            yield normal_path(found.path)


def _copy(artifacts: Artifacts, path: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    artifacts.read_file(path, target)
