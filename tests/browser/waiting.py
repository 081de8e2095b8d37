"""Waiting for things that happen outside of the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

STEP_S = 0.05


def wait_until(
    is_so: Callable[[], object], timeout_s: float = 120, otherwise: str = "it did not happen in time"
) -> None:
    """Return as soon as a condition holds; raise TimeoutError where it does not in time."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        pause.wait(STEP_S)
