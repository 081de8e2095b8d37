"""Whether a kernel still lives, as far as this machine can tell."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import Any

ANSWER_LIFE_S = 5.0
"""How long an answer about a kernel is used again."""
CONNECT_S = 0.3

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_seen: dict[str, tuple[float, bool | None]] = {}


def is_server_id(kernel_id: str) -> bool:
    """Whether an id is of the form that Jupyter servers give; other programs' kernels are not listed anywhere."""
    return _ID.fullmatch(kernel_id) is not None


def is_alive(kernel_id: str) -> bool | None:
    """Whether a kernel answers; None where this machine knows no kernel of this id.

    It is known by the connection file that it was started with, and alive where its heartbeat's port is open.
    """
    if not is_server_id(kernel_id):
        return None
    now = time.monotonic()
    seen = _seen.get(kernel_id)
    if seen is None or now - seen[0] > ANSWER_LIFE_S:
        seen = _seen[kernel_id] = (now, _ask(kernel_id))
    return seen[1]


def _ask(kernel_id: str) -> bool | None:
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        told = json.loads((Path(jupyter_runtime_dir()) / f"kernel-{kernel_id}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _listens(told) if isinstance(told, dict) else None


def _listens(told: dict[str, Any]) -> bool | None:
    if told.get("transport", "tcp") != "tcp":
        return None
    try:
        with socket.create_connection((told["ip"], told["hb_port"]), timeout=CONNECT_S):
            return True
    except TimeoutError:
        return True  # something holds the port, and is slow
    except (OSError, KeyError, TypeError, OverflowError):
        return False
