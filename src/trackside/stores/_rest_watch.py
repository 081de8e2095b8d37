"""Noticing that somebody changed the runs on a server, which has no cheap way to ask.

At most once a second, and for at most a tenth of the time, the watch fetches the newest runs and those still running
of the experiments that this process looks at, and the experiments that changed last, and compares them with what came
before.

It misses: metrics, params and tags of ended runs that are not among the newest; deleted and restored runs that are
not among the newest; points that are not a metric's latest; experiments that this process has not searched for half
an hour, or that were searched before the last twenty; changed tags of experiments that were made or renamed long ago.
What this process writes is never missed and is seen at once.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from trackside.errors import StoreError
from trackside.stores._http import IMPATIENT, Call

SHORTEST_INTERVAL_S = 1.0
LONGEST_INTERVAL_S = 30.0
_SHARE_OF_TIME = 0.1
_MOST_EXPERIMENTS = 20
_MOST_RUNS = 25
_FORGET_AFTER_S = 1800.0
_SLOW_S = 0.5
"""A look that took longer is taken on a thread of its own the next time: nobody who shows runs waits for it."""


class Asker(Protocol):
    """What the watch needs of a server."""

    def ask_raw(self, call: Call) -> bytes:
        """The body of the answer."""
        ...


class ChangeWatch:
    """Says whether the store may have changed. Threads may use it at the same time.

    Args:
        server: Who is asked.
        clock: A clock in seconds that never goes back.
    """

    def __init__(self, server: Asker, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._followed: dict[str, float] = {}
        self._own_writes = 0
        self._seen = ""
        self._look_again_at = 0.0
        self._failures = 0
        self._is_slow = False
        self._looking = threading.Lock()

    def follow(self, experiment_ids: Iterable[str]) -> None:
        """Watch these experiments, which somebody looks at."""
        now = self._clock()
        known = {**self._followed}
        for experiment_id in experiment_ids:
            known.pop(experiment_id, None)
            known[experiment_id] = now
        fresh = [(key, since) for key, since in known.items() if now - since < _FORGET_AFTER_S]
        self._followed = dict(fresh[-_MOST_EXPERIMENTS:])

    def wrote(self) -> None:
        """Note that this process changed something."""
        self._own_writes += 1

    def token(self) -> object:
        """A value that changes when a change was noticed, and when the server goes away or comes back.

        It can be asked for as often as one likes; most calls only return what is known.
        """
        if self._clock() >= self._look_again_at and self._looking.acquire(blocking=False):
            if self._is_slow:
                threading.Thread(target=self._look_and_release, name="trackside-look", daemon=True).start()
            else:
                self._look_and_release()
        return self._own_writes, self._seen

    def _look_and_release(self) -> None:
        try:
            self._look()
        finally:
            self._looking.release()

    def _look(self) -> None:
        started = self._clock()
        try:
            self._seen, self._failures = self._fetch(), 0
        except StoreError as error:
            self._seen, self._failures = error.code, self._failures + 1
        ended = self._clock()
        self._is_slow = ended - started > _SLOW_S
        interval_s = max(SHORTEST_INTERVAL_S * 2**self._failures, (ended - started) / _SHARE_OF_TIME)
        self._look_again_at = ended + min(interval_s, LONGEST_INTERVAL_S)

    def _fetch(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        experiments = {"view_type": "ALL", "max_results": _MOST_RUNS, "order_by": ["last_update_time DESC"]}
        digest.update(self._ask("experiments/search", experiments))
        ids = list(self._followed)
        if ids:
            newest = {"experiment_ids": ids, "run_view_type": "ALL", "max_results": _MOST_RUNS}
            digest.update(self._ask("runs/search", newest))
            digest.update(self._ask("runs/search", {**newest, "filter": "attributes.status = 'RUNNING'"}))
        return digest.hexdigest()

    def _ask(self, path: str, body: dict[str, object]) -> bytes:
        return self._server.ask_raw(Call("POST", f"/api/2.0/mlflow/{path}", json=body, patience=IMPATIENT))
