"""What a run is seen beside: the run before it and what changed since, its children, its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError
from trackside.tracking import session, tag_names
from trackside.tracking.changes import compare_runs, describe_machine, package_versions, read_environment
from trackside.tracking.commits import commit_changes
from trackside.tracking.neighbours import find_children, find_linked, find_neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside.entities import Run
    from trackside.stores.base import Store
    from trackside.tracking.changes import MetricChange, TextChange
    from trackside.widgets.bridge import Buffers, Handler, Request

MAX_CHANGES = 500
MAX_CHILDREN = 200
MAX_TEXT = 200
MAX_KEY = 500


def read_changes(request: Request, buffers: Buffers) -> dict[str, Any]:
    """``run.changes``: what is different from the run before, or null where there is none; and what it reproduces."""
    store = session.current_store()
    run = store.get_run(request.data["run_id"])
    previous = find_neighbours(store, run).previous
    original = find_linked(store, run, tag_names.REPRODUCES)
    reproduced = {
        "reproduces": brief(original) if original else None,
        "verdict": run.data.tags.get(tag_names.REPRODUCTION_VERDICT, "")[:MAX_TEXT],
    }
    if previous is None:
        return {"changes": None, **reproduced}
    changes = compare_runs(store, previous, run)
    return {
        "changes": {
            "previous": brief(previous),
            "params": write_text_changes(changes.params),
            "metrics": write_metric_changes(changes.metrics[:MAX_CHANGES], buffers),
            "code_changed": changes.code_changed,
            "environment_changed": changes.environment_changed,
            "packages": write_text_changes(changes.packages),
        },
        **reproduced,
    }


def read_children(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``run.children``: the first 200, in the order of their start."""
    store = session.current_store()
    children, total = find_children(store, store.get_run(request.data["run_id"]), MAX_CHILDREN)
    return {"children": [brief(run) for run in children], "total": total}


def read_run_environment(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``run.environment``."""
    return describe_environment(session.current_store(), request.data["run_id"])


def describe_environment(store: Store, run_id: str) -> dict[str, Any]:
    """What a run recorded of its environment, or null."""
    record = read_environment(store.artifacts(run_id))
    return {"environment": None if record is None else _environment(record)}


def open_run(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``run.open``: the widget that shows the run in a tab."""
    from trackside.widgets.run_view import find_view

    run_id = request.data["run_id"]
    session.current_store().get_run(run_id)
    return {"model_id": find_view(run_id).model_id}


def read_commit(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``commit.read``: what the run's commit changed, if the repository around the notebook has it."""
    return {"text": commit_changes(request.data["run_id"])}


def read_part(request: Request, buffers: Buffers) -> dict[str, Any]:
    """``part.read``: a part of the front end that is fetched when it is needed, compressed with gzip."""
    from trackside.widgets.widget import static

    name = request.data["name"]
    parts = {path.name.partition(".")[0]: path for path in static("widget.js").with_name("parts").glob("*.js.gz")}
    if name not in parts:
        raise InvalidValueError(
            f"the front end has no part {name!r:.80}",
            hint="if Trackside was installed anew since this kernel started, restart the kernel",
        )
    return {"content": buffers.add(parts[name].read_bytes())}


HANDLERS: Mapping[str, Handler] = {
    "commit.read": read_commit,
    "part.read": read_part,
    "run.changes": read_changes,
    "run.children": read_children,
    "run.environment": read_run_environment,
    "run.open": open_run,
}


def brief(run: Run) -> dict[str, Any]:
    """A ``RunBrief``."""
    info = run.info
    return {
        "run_id": info.run_id,
        "name": info.run_name[:MAX_KEY] or info.run_id[:8],
        "status": str(info.status),
        "start_time": info.start_time,
        "end_time": info.end_time,
    }


def write_text_changes(changes: Sequence[TextChange]) -> list[dict[str, Any]]:
    """Each a ``TextChange``, the first 500."""
    return [
        {"key": change.key[:MAX_KEY], "before": _cut(change.before), "after": _cut(change.after)}
        for change in changes[:MAX_CHANGES]
    ]


def _cut(text: str | None) -> dict[str, Any] | None:
    return None if text is None else {"text": text[:MAX_TEXT], "cut": len(text) > MAX_TEXT}


def write_metric_changes(changes: Sequence[MetricChange], buffers: Buffers) -> dict[str, Any]:
    """Values as columns; ``sides`` has 1 for a value before and 2 for one after."""
    return {
        "keys": [change.key[:MAX_KEY] for change in changes],
        "before": buffers.add_float64(change.before or 0.0 for change in changes),
        "after": buffers.add_float64(change.after or 0.0 for change in changes),
        "sides": buffers.add_uint8((change.before is not None) + 2 * (change.after is not None) for change in changes),
    }


def _environment(record: Mapping[str, Any]) -> dict[str, Any]:
    """An ``Environment``."""
    packages = [{"key": name, "value": version} for name, version in package_versions(record).items()]
    return {**describe_machine(record), "packages": packages}
