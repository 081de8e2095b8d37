"""Two repairs that every comm of ours needs, so that a click is answered while a cell runs and harms nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def repair(comm: Any) -> None:
    """Make a comm answer on the thread that the front end asked for, without running IPython's cell hooks.

    ipykernel 7.4 sends a comm's messages to whichever subshell last published on it, which blocks clicks after a
    push from a cell. ipykernel 7.3 and later also fire ``pre_execute`` and ``post_execute`` for every comm message,
    which closes the figure that the running cell is drawing. Comms without these parts are left alone.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _asked_for
    if hasattr(comm, "_msg_callback"):
        comm.handle_msg = lambda message: _deliver(comm, message)


def _asked_for(_data: object, default: str | None) -> str | None:
    return default


def _deliver(comm: Any, message: Mapping[str, Any]) -> None:
    if comm._msg_callback is not None:
        comm._msg_callback(message)
