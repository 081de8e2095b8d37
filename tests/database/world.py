"""What tests of the database file share: runs, other processes, locks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.stores.base import RunQuery

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.sqlite import SqliteStore

DEFAULT = RunQuery(("0",))
NOBODY = 65534
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become another account"
)
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def new_run(store: SqliteStore, **settings: object) -> Run:
    return store.create_run("0", **{"run_name": "swift-otter", "user_id": "ada", "start_time": 1, **settings})  # type: ignore[arg-type]


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start another process that runs a script, which finds its arguments in ``argv``."""
    head = (
        "import sys; from pathlib import Path; from trackside.stores.sqlite import SqliteStore\nargv = sys.argv[1:]\n"
    )
    command = [sys.executable, "-c", head + textwrap.dedent(script), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def output_of(process: subprocess.Popen[str], text: str = "") -> str:
    out, error = process.communicate(text, timeout=240)
    assert process.returncode == 0, error
    return out.strip()


def ask(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(sql, values).fetchall()
        connection.commit()
        return rows


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield connection
