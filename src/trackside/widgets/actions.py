"""What people do with runs in the panel, one or many at once. Everything here may be called on any thread."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage
from trackside.errors import InvalidValueError, StoreReadOnlyError
from trackside.notebook import session as notebook_session
from trackside.tracking import deleting, session, several, tag_names
from trackside.tracking.exporting import runs_to_csv
from trackside.tracking.pages import run_url
from trackside.widgets.bridge import describe
from trackside.widgets.context import read_context
from trackside.widgets.query import read_query

if TYPE_CHECKING:
    from trackside.tracking.several import ActionReport
    from trackside.widgets.bridge import Buffers, Handler, Request

MOST_RUNS = 10_000
"""How many runs one request may be about."""


def find_ids(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``runs.ids``: all that a query finds, up to 10,000, whether or not they are in sight."""
    context = read_context()
    outline = context.store.outline_runs(read_query(request.data["query"]).read(context.experiment_id), MOST_RUNS)
    return {"run_ids": list(outline.ids)[:MOST_RUNS], "total": outline.total}


def count_descendants(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``descendants.count``: of these runs, themselves not counted, in the trash or in use."""
    stage = LifecycleStage.DELETED if request.data["deleted"] else LifecycleStage.ACTIVE
    return {"count": len(deleting.find_descendants(_ids(request), stage=stage))}


def delete_runs(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``runs.delete``."""
    return _told(several.move_to_trash(_ids(request), descendants=request.data["descendants"]))


def restore_runs(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``runs.restore``."""
    return _told(several.take_from_trash(_ids(request), descendants=request.data["descendants"]))


def purge_runs(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``runs.purge``: with ``dry_run`` only what would be removed."""
    changes = several.purge_runs(_ids(request), dry_run=request.data["dry_run"])
    return {
        **_told(changes),
        "bytes": sum(purged.artifact_bytes for purged in changes.purged),
        "left": [purged.artifacts_left for purged in changes.purged if purged.artifacts_left],
    }


def close_runs(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``runs.close``."""
    return _told(several.close_runs(_ids(request)))


def rename_runs(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``runs.rename``: each gets the name that stands in its place."""
    names = [str(name).strip() for name in request.data["names"]]
    if "" in names:
        raise InvalidValueError("a run needs a name; the new one is empty")
    return _told(several.rename_runs(dict(zip(_ids(request), names, strict=True))))


def set_tag(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``tags.set``."""
    return _told(several.tag_runs(_ids(request), {request.data["key"].strip(): request.data["value"]}))


def delete_tag(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``tags.delete``."""
    return _told(several.tag_runs(_ids(request), {request.data["key"]: None}))


def export_runs(request: Request, buffers: Buffers) -> dict[str, Any]:
    """``runs.csv``: a file beside the notebook, or with ``download`` its content; safe for spreadsheets."""
    name = f"{_notebook_name()}-runs.csv"
    text = io.StringIO(newline="")
    runs_to_csv(text, run_ids=_ids(request), safe_for_spreadsheets=True)
    content = text.getvalue().encode("utf-8", "replace")
    if request.data["download"]:
        return {"path": name, "content": buffers.add(content)}
    return {"path": _write_beside(name, content), "content": None}


def read_note(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``note.read``: the whole note of a run, in Markdown."""
    run = session.current_store().get_run(request.data["run_id"])
    return {"text": run.data.tags.get(tag_names.NOTE, "")}


def find_page(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``run.page``: where the tracking server shows the run, or an empty text."""
    return {"url": run_url(request.data["run_id"]) or ""}


def interrupt(_request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``kernel.interrupt``: stop the cell that runs, for pages that cannot ask the server to do it."""
    main = threading.main_thread()
    if sys.platform == "win32" or main.ident is None:
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(main.ident, signal.SIGINT)
    return {}


HANDLERS: Mapping[str, Handler] = {
    "runs.ids": find_ids,
    "descendants.count": count_descendants,
    "runs.delete": delete_runs,
    "runs.restore": restore_runs,
    "runs.purge": purge_runs,
    "runs.close": close_runs,
    "runs.csv": export_runs,
    "runs.rename": rename_runs,
    "tags.set": set_tag,
    "tags.delete": delete_tag,
    "note.read": read_note,
    "run.page": find_page,
    "kernel.interrupt": interrupt,
}
CHANGES = frozenset(
    {"runs.delete", "runs.restore", "runs.purge", "runs.close", "runs.rename", "tags.set", "tags.delete"}
)
"""The requests after which the panel looks different."""


def is_star(content: object) -> bool:
    """Whether a request gives or takes stars: pages show these by themselves as soon as they hear that it is done."""
    data = content.get("data") if isinstance(content, Mapping) else None
    return isinstance(data, Mapping) and data.get("key") == tag_names.STARRED and "run_ids" in data


def _ids(request: Request) -> list[str]:
    ids = request.data["run_ids"]
    if not ids or len(ids) > MOST_RUNS or not all(isinstance(run_id, str) for run_id in ids):
        raise InvalidValueError(f"{request.kind} takes from 1 to {MOST_RUNS:,} run ids, not {ids!r:.80}")
    return list(dict.fromkeys(ids))


def _told(changes: ActionReport) -> dict[str, Any]:
    """A ``RunsOutcome``."""
    refused = [{"run_id": run_id, "fault": describe(error)} for run_id, error in changes.refused.items()]
    return {"done": list(changes.done), "refused": refused}


def _notebook_name() -> str:
    notebook = notebook_session.current()
    return notebook.path.stem if notebook is not None and notebook.path is not None else "trackside"


def _write_beside(name: str, content: bytes) -> str:
    """The path of a new file in the notebook's folder."""
    notebook = notebook_session.current()
    folder = notebook.path.parent if notebook is not None and notebook.path is not None else Path.cwd()
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}.csv"
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise StoreReadOnlyError(f"{path} cannot be written: {error.strerror}", hint="Download it.") from error
    return str(path)
