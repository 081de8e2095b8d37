"""A PostgreSQL of the system's packages for tests: a cluster of its own in a temporary folder, gone at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from .ports import LOCALHOST, free_port
from .servers import STARTUP_S

REQUIRED = "TRACKSIDE_TESTS_NEED_POSTGRES"
"""Set where a missing PostgreSQL is a failure and no reason to skip: ``tests/run`` installs it."""
_SYSTEM_USER = "postgres"
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")


def find_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest where there are several."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name.partition(".")[0]), default=None)


class Postgres:
    """A running server with an empty database. It does not run as root: where the tests do, its own user runs it.

    Args:
        programs: Where ``initdb`` and ``postgres`` are.
    """

    def __init__(self, programs: Path) -> None:
        self.port = free_port()
        self._password = secrets.token_hex(16)
        self.uri = f"postgresql+psycopg2://trackside:{self._password}@{LOCALHOST}:{self.port}/postgres"
        self._folder = Path(tempfile.mkdtemp(prefix="trackside-postgres-"))
        (self._folder / "password").write_text(self._password)
        self._as_user = self._give_away() if hasattr(os, "geteuid") and os.geteuid() == 0 else {}
        self._make_cluster(programs)
        self._process = self._start(programs)
        self._wait()

    def run(self, statements: Sequence[str]) -> None:
        """Run statements in one transaction."""
        with closing(self._connect()) as db, db, db.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def stop(self) -> None:
        """End the server and remove its files."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # which means: disconnect all and end
            self._process.wait(timeout=STARTUP_S)
        shutil.rmtree(self._folder)

    def _give_away(self) -> dict[str, Any]:
        """Give the folder to PostgreSQL's own user, and tell how to become that user."""
        import pwd

        user = pwd.getpwnam(_SYSTEM_USER)
        for path in (self._folder, self._folder / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _make_cluster(self, programs: Path) -> None:
        command = [str(programs / "initdb"), "--pgdata", str(self._folder / "data"), "--username", "trackside"]
        command += ["--auth", "scram-sha-256", "--pwfile", str(self._folder / "password")]
        command += ["--no-locale", "--encoding", "UTF8", "--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, **self._as_user)
        if made.returncode:
            shutil.rmtree(self._folder)
            raise RuntimeError(f"no PostgreSQL cluster could be made:\n{made.stderr}")

    def _start(self, programs: Path) -> subprocess.Popen[bytes]:
        command = [str(programs / "postgres"), "-D", str(self._folder / "data"), "-h", LOCALHOST, "-p", str(self.port)]
        command += [word for setting in _QUICK for word in ("-c", setting)]
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT, **self._as_user)

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._is_up():
                return
            time.sleep(0.1)
        log = (self._folder / "log").read_text()[-3000:]
        self.stop()
        raise RuntimeError(f"PostgreSQL did not come up:\n{log}")

    def _is_up(self) -> bool:
        import psycopg2

        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _connect(self) -> Any:
        import psycopg2

        return psycopg2.connect(
            host=LOCALHOST, port=self.port, user="trackside", password=self._password, dbname="postgres"
        )
