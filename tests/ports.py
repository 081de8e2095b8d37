"""Ports of this machine for the servers of tests."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOCALHOST = "127.0.0.1"
_FIRST, _LAST = 20_000, 32_000
"""Below what systems give to connections and to whoever asks for any port."""
_choice = random.SystemRandom()


def free_port() -> int:
    """A port that nobody has, for a server that takes seconds until it listens there."""
    while True:
        port = _choice.randint(_FIRST, _LAST)
        with socket.socket() as probe:
            try:
                probe.bind((LOCALHOST, port))
            except OSError:
                continue
            return port


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that refuses every connection, and that nobody else gets meanwhile."""
    with socket.socket() as holder:
        holder.bind((LOCALHOST, 0))
        yield int(holder.getsockname()[1])
