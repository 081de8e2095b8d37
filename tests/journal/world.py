"""What tests of the journal share: stores that can be away, locks that are held, programs that log."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.entities import Metric, Run
from trackside.errors import StoreUnreachableError
from trackside.stores.base import Store
from trackside.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from trackside.stores.journaled import JournaledStore

PATIENCE_S = 120
LOGGER = """
    import sys
    from pathlib import Path
    from trackside.stores.uri import open_store
    from trackside.entities import Metric, Param, Tag
    store = open_store(sys.argv[1])
    run_id = store.create_run("0", run_name="r", user_id="ada", start_time=1).info.run_id
    print(run_id, flush=True)
"""
ENDLESS = (
    LOGGER
    + """
    step = 0
    while True:
        store.log_batch(run_id, metrics=[Metric("loss", step * 0.5, step, step)])
        step += 1
        sys.stdout.write(f"{step}\\n")
"""
)


class Flaky(SqliteStore):
    """A store that can be away, as a server can."""

    is_gone = False

    def __getattribute__(self, name: str) -> Any:
        if name in _ASKING and self.is_gone:
            raise StoreUnreachableError(f"{self.uri} does not answer")
        return super().__getattribute__(name)


_ASKING = set(dir(Store)) - set(dir(object)) - {"uri", "is_server", "is_away", "close", "text_limits"}


def new_run(store: JournaledStore | SqliteStore) -> Run:
    return store.create_run("0", run_name="swift-otter", user_id="ada", start_time=1)


def point(step: int, key: str = "loss") -> Metric:
    return Metric(key, step * 0.5, step, step)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def points_in(path: Path, run_id: str) -> int:
    """How many points the file has, whoever asks."""
    with closing(sqlite3.connect(path, timeout=60)) as db:
        return int(db.execute("SELECT count(*) FROM metrics WHERE run_uuid = ?", (run_id,)).fetchone()[0])


@contextmanager
def lock_held(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")
