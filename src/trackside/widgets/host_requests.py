"""What a labextension asks for besides telling of the notebook: the panel, and what its tabs showed before a reload.

The messages are in ``js/src/lab/protocol.ts``. What fails is answered with why, and the labextension shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trackside.widgets.bridge import Buffers, Request, describe


def open_panel(data: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``panel.open``."""
    try:
        from trackside.widgets.sidebar import sidebar

        return {"kind": "panel.ready", "model_id": sidebar(fresh=data.get("fresh") is True).model_id}
    except Exception as error:  # noqa: BLE001 the host shows it
        return {"kind": "panel.failed", **_reason(error)}


def push_panel(_data: Mapping[str, Any]) -> None:
    """Have the panel push all that it shows: ``panel.push``."""
    from trackside.widgets.sidebar import sidebar

    sidebar().push()


def open_run(data: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``run.open``; of a run that is not there any more the view itself says so."""
    run_id = data["run_id"]
    try:
        from trackside.widgets.run_view import find_view

        view = find_view(run_id, fresh=data.get("fresh") is True)
    except Exception as error:  # noqa: BLE001 the host shows it
        return {"kind": "run.failed", "run_id": run_id, **_reason(error)}
    return {"kind": "run.ready", "run_id": run_id, "model_id": view.model_id}


def read_revision(data: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``revision.read``: the notebook of a run, or the one that lies among its files at ``path``."""
    run_id, path = data["run_id"], data.get("path", "")
    frame = {"run_id": run_id, "path": path}
    try:
        from trackside.widgets import run_requests

        read = run_requests.read_notebook if path else run_requests.read_revision
        return {"kind": "revision.ready", **frame, **read(Request("", "revision.read", frame), Buffers())}
    except Exception as error:  # noqa: BLE001 the host shows it
        return {"kind": "revision.failed", **frame, **_reason(error)}


def _reason(error: Exception) -> dict[str, str]:
    fault = describe(error)
    return {"message": fault["message"], "hint": fault["hint"]}


HOST_REQUESTS: Mapping[object, Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    "panel.open": open_panel,
    "panel.push": push_panel,
    "run.open": open_run,
    "revision.read": read_revision,
}
"""What answers each kind of message."""
