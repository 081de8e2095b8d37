"""What the dialog that reproduces a run asks for. Everything here may be called on any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError
from trackside.notebook import session as notebook_session
from trackside.reproducing import availability
from trackside.reproducing.jobs import Job, JobState, jobs
from trackside.reproducing.plan import into, make_plan
from trackside.reproducing.reproduction import DEFAULT_TOLERANCE, Options
from trackside.tracking import session
from trackside.tracking.left_out import read_left_out
from trackside.widgets.bridge import Buffers, describe
from trackside.widgets.run_context import brief

if TYPE_CHECKING:
    from trackside.reproducing.comparing import MetricComparison
    from trackside.reproducing.libraries import Library
    from trackside.reproducing.nested import NestedComparison
    from trackside.reproducing.plan import Plan
    from trackside.reproducing.reproduction import Reproduction
    from trackside.reproducing.verify import Verification
    from trackside.stores.base import Store
    from trackside.widgets.bridge import Handler, Request

PUSH_S = 0.2
"""Least time between two pushes of a job that goes on."""
MAX_SPECIFICATION = 500_000
MAX_KEYS = 5
"""How many keys are named that differ in a nested run."""
_pushed: dict[str, float] = {}
_planned: dict[str, Plan] = {}
"""The plan that was made last, by its run."""


def read_plan(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``reproduce.plan``."""
    folder = request.data.get("folder")
    if folder is not None and not isinstance(folder, str):
        raise InvalidValueError(f"a folder is a text or null, not {folder!r:.80}")
    run_id = request.data["run_id"]
    known = _planned.get(run_id) if folder else None
    plan = into(known, folder) if known is not None and folder else _make_plan(run_id, folder)
    return _plan(plan)


def _make_plan(run_id: str, folder: str | None) -> Plan:
    """The plan, which is kept while people type another folder."""
    store = session.current_store()
    plan = make_plan(store, store.get_run(run_id), folder=folder or None)
    _planned.clear()
    _planned[run_id] = plan
    return plan


def check(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``reproduce.check``: the answer comes as a push."""
    run_id, store = request.data["run_id"], session.current_store()
    store.get_run(run_id)
    threading.Thread(target=_check, args=(store, run_id), name="trackside-check", daemon=True).start()
    return {}


def start(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``reproduce.start``."""
    store = session.current_store()
    job = jobs.start(store, store.get_run(request.data["run_id"]), _options(request.data), _push)
    return {"job": job.id}


def cancel(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``reproduce.cancel``."""
    jobs.cancel(request.data["job"])
    return {}


def list_jobs(_request: Request, buffers: Buffers) -> dict[str, Any]:
    """``reproduce.jobs``."""
    return {"jobs": [describe_job(job, buffers) for job in jobs.latest_first()]}


HANDLERS: Mapping[str, Handler] = {
    "reproduce.plan": read_plan,
    "reproduce.check": check,
    "reproduce.start": start,
    "reproduce.cancel": cancel,
    "reproduce.jobs": list_jobs,
}


def describe_job(job: Job, buffers: Buffers) -> dict[str, Any]:
    """A ``ReproduceJob``."""
    steps = [{"name": one.name.value, "state": one.state.value, "note": one.note} for one in job.progress.steps]
    verification = job.done.verification if job.done else None
    return {
        "id": job.id,
        "run": brief(job.run),
        "state": job.state.value,
        "steps": steps,
        "log": list(job.progress.lines),
        "started_time": job.started_time,
        "ended_time": job.ended_time,
        "outcome": _outcome(job.done) if job.done else None,
        "fault": _fault(job.error) if job.error else None,
        "verification": _verification(verification, buffers) if verification else None,
    }


def _push(job: Job) -> None:
    """Tell all views how far a job is, not more often than they can draw."""
    from trackside.widgets.widget import watcher

    now = time.monotonic()
    if job.state is JobState.RUNNING and now - _pushed.get(job.id, 0.0) < PUSH_S:
        return
    _pushed[job.id] = now
    buffers = Buffers()
    content = {"kind": "reproduce.changed", "data": describe_job(job, buffers)}
    watcher.tell(content, buffers.parts)


def _check(store: Store, run_id: str) -> None:
    from trackside.widgets.widget import watcher

    try:
        found = availability.check_run(store, run_id)
        missing, fault = list(found.missing), describe(found.fault) if found.fault else None
    except Exception as error:  # noqa: BLE001 the dialog shows it
        missing, fault = [], describe(error)
    told = {"run_id": run_id, "missing": missing, "is_complete": fault is None, "fault": fault}
    watcher.tell({"kind": "reproduce.checked", "data": told}, [])


def _options(data: Mapping[str, Any]) -> Options:
    tolerance = data.get("tolerance", DEFAULT_TOLERANCE)
    texts = [*data["allowed"], *data["without"], *data["tolerances"]]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidValueError("allowed, without and the metrics of tolerances are texts")
    return Options(
        folder=Path(data["folder"]),
        environment=data["environment"],
        libraries=data["libraries"],
        allowed=tuple(data["allowed"]),
        without=tuple(data["without"]),
        python=data["python"],
        from_commit=data["from_commit"],
        verify=data["verify"],
        tolerance=tolerance,
        tolerances=data["tolerances"],
    )


def _plan(plan: Plan) -> dict[str, Any]:
    kind = "commit" if plan.notebook.is_commit else "revision"
    environment, root = plan.environment, _server_root()
    return {
        "run": brief(plan.run),
        "source": {"kind": kind, "version": plan.notebook.version},
        "folder": str(plan.folder),
        "server_root": str(root) if root else None,
        "folder_fault": describe(plan.folder_fault) if plan.folder_fault else None,
        "files": plan.files,
        "shadows": list(plan.shadows),
        "runs_in": plan.runs_in,
        "left_out": asdict(read_left_out(plan.run.data.tags)),
        "environment": plan.way.value,
        "kernel": plan.kernel,
        "reason": plan.reason,
        "specification": environment.text[:MAX_SPECIFICATION] if environment else "",
        "python": environment.python if environment else "",
        "pythons": [
            {
                "id": one.id,
                "version": one.version,
                "way": "found" if one.is_found else "download",
                "is_exact": one.is_exact,
            }
            for one in plan.pythons
        ],
        "python_fault": plan.python_fault,
        "installer": plan.installer.name,
        "libraries": [_library(library) for library in plan.libraries],
    }


def _library(library: Library) -> dict[str, Any]:
    return {
        "name": library.name,
        "version": library.version,
        "line": library.line,
        "origin": library.origin.value,
        "needs_tick": library.needs_tick,
        "reason": library.reason,
    }


def _outcome(done: Reproduction) -> dict[str, Any]:
    return {
        "folder": str(done.folder),
        "notebook": str(done.notebook),
        "server_path": _server_path(done.notebook),
        "kernel": done.kernel,
        "left_out": list(done.left_out),
    }


def _server_path(path: Path) -> str | None:
    """The path from the Jupyter server's root; None where it lies outside."""
    root = _server_root()
    return path.relative_to(root).as_posix() if root is not None and root in path.parents else None


def _server_root() -> Path | None:
    """The Jupyter server's root, which the open notebook's own paths tell."""
    current = notebook_session.current()
    if current is None or current.path is None or not current.is_live:
        return None
    shown = Path(current.display_path)
    parents = current.path.parents
    root = parents[len(shown.parts) - 1] if len(shown.parts) <= len(parents) else None
    return root if root is not None and current.path == root / shown else None


def _fault(error: Exception) -> dict[str, Any]:
    return {**describe(error), "libraries": list(getattr(error, "libraries", ()))}


def _verification(found: Verification, buffers: Buffers) -> dict[str, Any]:
    params = [
        {"key": one.key, "before": one.before, "after": one.after, "is_same": one.is_same}
        for one in found.comparison.params
    ]
    return {
        "verdict": found.verdict.value,
        "run_id": found.run_id,
        "error": found.error,
        "params": params,
        "metrics": _metrics(found.comparison.metrics, buffers),
        "reasons": [{"kind": one.kind.value, "text": one.text} for one in found.reasons],
        "report": found.report,
        "nested": [_nested(one) for one in found.nested],
        "notes": list(found.notes),
    }


def _nested(nested: NestedComparison) -> dict[str, Any]:
    differing = nested.comparison.differing
    return {
        "name": nested.name,
        "before": nested.before,
        "after": nested.after,
        "is_same": nested.is_same,
        "differing": list(differing[:MAX_KEYS]),
        "count": len(differing),
    }


def _metrics(metrics: tuple[MetricComparison, ...], buffers: Buffers) -> dict[str, Any]:
    return {
        "keys": [one.key for one in metrics],
        "before": buffers.add_float64(one.before or 0.0 for one in metrics),
        "after": buffers.add_float64(one.after or 0.0 for one in metrics),
        "tolerances": buffers.add_float64(one.tolerance for one in metrics),
        "sides": buffers.add_uint8((one.before is not None) + 2 * (one.after is not None) for one in metrics),
        "same": buffers.add_uint8(one.is_same for one in metrics),
        "worst": buffers.add_float64(one.curve.difference for one in metrics),
        "worst_step": buffers.add_float64(one.curve.step for one in metrics),
        "points_before": buffers.add_float64(one.curve.points_before for one in metrics),
        "points_after": buffers.add_float64(one.curve.points_after for one in metrics),
    }
