"""Quicker turns for whoever answers a person while the user's code computes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

TURN_S = 0.0005
"""How long a thread that computes may go on when another one wants its turn, instead of Python's 5 ms.

An answer takes its turn anew after each look at a file and each message, some hundred times in all."""

_HALF_MICROSECOND_S = 5e-7
"""Python cuts the interval to whole microseconds, and calculates it a little too small."""

_lock = threading.Lock()
_askers = 0
_usual_s = 0.0


@contextmanager
def quick_turns() -> Iterator[None]:
    """Share the interpreter in short turns, until the last thread leaves its block."""
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    global _askers, _usual_s
    with _lock:
        _askers += 1
        if _askers == 1:
            _usual_s = sys.getswitchinterval()
            if _usual_s > TURN_S:
                sys.setswitchinterval(TURN_S)


def _end() -> None:
    """What somebody else set meanwhile stays."""
    global _askers
    with _lock:
        _askers -= 1
        if _askers == 0 and _usual_s > TURN_S >= sys.getswitchinterval():
            sys.setswitchinterval(_usual_s + _HALF_MICROSECOND_S)


def _after_fork_in_child() -> None:
    """The threads that answer are not in the child."""
    global _lock, _askers
    _lock = threading.Lock()
    if _askers:
        _askers = 1
        _end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
