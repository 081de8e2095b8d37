"""What each request about one run does. Everything here may be called on any thread, while a cell runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.entities import FileInfo, Run, Tag
from trackside.errors import InvalidValueError
from trackside.tracking import session, tag_names
from trackside.tracking.names import given_name
from trackside.tracking.revisions import fetch_revision
from trackside.widgets import (
    artifact_requests,
    compare_requests,
    diff_requests,
    model_requests,
    reproduce_requests,
    run_context,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside.stores.base import Artifacts
    from trackside.widgets.bridge import Buffers, Handler, Request

MAX_FILE = 50_000_000
"""Bytes of the largest file that is sent to the front end."""


def rename_run(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``run.rename``."""
    session.current_store().update_run(request.data["run_id"], run_name=given_name(request.data["name"]))
    return {}


def set_tag(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``tag.set``."""
    tag = Tag(request.data["key"].strip(), request.data["value"])
    session.current_store().log_batch(request.data["run_id"], tags=[tag])
    return {}


def delete_tag(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``tag.delete``."""
    session.current_store().delete_tag(request.data["run_id"], request.data["key"])
    return {}


def list_artifacts(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``artifacts.list``: folders first, then files, each by name."""
    artifacts = _artifacts(request)
    files = sorted(artifacts.list(request.data["path"]), key=lambda file: (not file.is_dir, file.path))
    sizes = artifact_requests.FolderSizes(artifacts)
    return {"entries": [_entry(file, sizes.read(file.path) if file.is_dir else file.file_size) for file in files]}


def read_artifact(request: Request, buffers: Buffers) -> dict[str, Any]:
    """``artifact.read``: the whole file, up to 50 MB."""
    artifacts, path = _artifacts(request), request.data["path"]
    where = artifacts.local_path(path)
    size = where.stat().st_size if where is not None and where.is_file() else 0
    if size > MAX_FILE:
        raise InvalidValueError(
            f"{path!r} has {size / 1e6:,.1f} MB; the panel reads files of up to {MAX_FILE / 1e6:,.0f} MB",
            hint=f"It lies at {where}.",
        )
    return {"content": buffers.add(artifacts.read_bytes(path, max_bytes=MAX_FILE))}


def read_revision(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``revision.read``: the notebook that made the run, refused if its content is not what the run recorded."""
    store = session.current_store()
    run = store.get_run(request.data["run_id"])
    found = fetch_revision(store, run, max_bytes=MAX_FILE)
    return _revision_reply(run, run.data.tags[tag_names.REVISION_PATH], found.text)


def read_notebook(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """The notebook at a path among the run's files, in the form of the reply to ``revision.read``."""
    run, path = session.current_store().get_run(request.data["run_id"]), request.data["path"]
    content = _artifacts(request).read_bytes(path, max_bytes=MAX_FILE)
    return _revision_reply(run, path, content.decode("utf-8", "replace"))


def _revision_reply(run: Run, path: str, text: str) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    return {"notebook": text, "file_name": name, "run_name": run.info.run_name, "start_time": run.info.start_time}


HANDLERS: Mapping[str, Handler] = {
    "run.rename": rename_run,
    "tag.set": set_tag,
    "tag.delete": delete_tag,
    "artifacts.list": list_artifacts,
    "artifact.read": read_artifact,
    "revision.read": read_revision,
    **artifact_requests.HANDLERS,
    **model_requests.HANDLERS,
    **diff_requests.HANDLERS,
    **run_context.HANDLERS,
    **reproduce_requests.HANDLERS,
    **compare_requests.HANDLERS,
}
CHANGES = frozenset({"run.rename", "tag.set", "tag.delete"})
"""The requests after which the panel looks different."""


def _artifacts(request: Request) -> Artifacts:
    return session.current_store().artifacts(request.data["run_id"])


def _entry(file: FileInfo, size: int | None) -> dict[str, Any]:
    """An ``ArtifactEntry``; a file name that is no Unicode is shown with replacement characters."""
    path = file.path.encode("utf-8", "replace").decode()
    return {"path": path, "is_dir": file.is_dir, "size": size}
