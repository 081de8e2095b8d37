"""Saying that a store is away, once and not at each call that notices it."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger("trackside")

_SAY_AGAIN_S = 60.0
_said_at: dict[str, float] = {}


def say_away(uri: str, trouble: str) -> None:
    """Say that what is logged to a store waits; only once a minute, for several may notice it."""
    if is_news(uri):
        logger.warning("Trackside: %s. What is logged meanwhile is kept on this machine and delivered later.", trouble)


def is_news(about: str) -> bool:
    """Whether nothing was said about it in the last minute."""
    now = time.monotonic()
    is_new = now - _said_at.get(about, -_SAY_AGAIN_S) >= _SAY_AGAIN_S
    if is_new:
        _said_at[about] = now
    return is_new
