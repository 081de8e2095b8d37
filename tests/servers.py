"""Servers for tests: a real MLflow server, and a small one that answers whatever a test tells it to."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from .ports import LOCALHOST, free_port

STARTUP_S = 300.0
_LOGGED = (
    *("tags", "params", "metrics", "latest_metrics", "input_tags", "inputs", "datasets", "runs", "experiment_tags"),
    *("model_versions", "registered_models"),
)


class Database(Protocol):
    """A database server that a tracking server can use."""

    uri: str

    def run(self, statements: Sequence[str]) -> None:
        """Run statements in one transaction."""
        ...


class MlflowServer:
    """`mlflow server` over a SQLite file in ``folder`` or another ``database``, on a free port of this machine.

    ``folder`` gets ``mlflow.db``, ``artifacts`` and ``server.log``, or has them from an earlier server. ``options``
    are options of the command.
    """

    def __init__(self, folder: Path, *options: str, port: int | None = None, database: Database | None = None) -> None:
        self.folder = folder
        self.database = folder / "mlflow.db"
        self._other_database = database
        uri = database.uri if database else f"sqlite:///{self.database}"
        self.port = port = port or free_port()
        self.url = f"http://{LOCALHOST}:{port}"
        command = [sys.executable, "-m", "mlflow", "server", "--host", LOCALHOST, "--port", str(port), "--workers", "1"]
        command += ["--backend-store-uri", uri]
        command += options or ["--artifacts-destination", str(folder / "artifacts")]
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        environment.pop("MLFLOW_TRACKING_URI", None)
        with (folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self._wait(port)

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + STARTUP_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if _is_up(port):
                return
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"no MLflow server came up:\n{(self.folder / 'server.log').read_text()[-3000:]}")

    def empty(self) -> None:
        """Remove all that was logged, so that the next test finds a server as it was at first."""
        statements = [f"DELETE FROM {table}" for table in _LOGGED]
        statements.append("DELETE FROM experiments WHERE experiment_id <> 0")
        statements.append("UPDATE experiments SET lifecycle_stage = 'active', name = 'Default'")
        if self._other_database:
            self._other_database.run(statements)
            return
        with closing(sqlite3.connect(self.database, timeout=60)) as db, db:
            for statement in statements:
                db.execute(statement)

    def stop(self) -> None:
        """End the server and the workers that it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _is_up(port: int) -> bool:
    connection = http.client.HTTPConnection(LOCALHOST, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@dataclass(frozen=True)
class Answer:
    """What the small server answers. ``body`` that is no bytes is sent as JSON; an empty header is not sent."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    """How many bytes less than announced are sent before the connection is closed."""
    never: bool = False
    """Close the connection without an answer."""
    after: threading.Event | None = None
    """Answer only when this is set."""

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Request:
    """What the small server was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class SmallServer:
    """A local server that gives each path its answers in turn, and the last one again and again.

    ``server.answers["/path"] = [Answer(...), ...]``; paths without an answer get 404. ``requests`` holds what was
    asked, in order. With ``certificate``, a PEM file with certificate and key, it speaks TLS.
    Without ``keeps_bodies`` what is sent to it is thrown away.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[Request] = []
        self.keeps_bodies = True
        self._http = _QuietServer(self)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://{LOCALHOST}:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def next_answer(self, path: str) -> Answer:
        answers = self.answers.get(path) or [Answer(404, b"<html>nothing here</html>")]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def asked(self, path: str) -> list[Request]:
        """The requests for one path."""
        return [request for request in self.requests if request.path == path]

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _QuietServer(ThreadingHTTPServer):
    def __init__(self, owner: SmallServer) -> None:
        self.owner = owner
        super().__init__((LOCALHOST, 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Clients that go away are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _QuietServer

    def answer(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.take(int(self.headers.get("Content-Length", 0)))
        self.server.owner.requests.append(Request(self.command, parts.path, query, dict(self.headers), body))
        self.send(self.server.owner.next_answer(parts.path))

    def take(self, length: int) -> bytes:
        if self.server.owner.keeps_bodies:
            return self.rfile.read(length)
        while length > 0:
            length -= len(self.rfile.read(min(length, 1 << 16)))
        return b""

    def send(self, answer: Answer) -> None:
        if answer.after:
            answer.after.wait(120)
        headers = {"Content-Length": str(len(answer.content())), **answer.headers}
        self.close_connection = answer.never or bool(answer.cut) or not headers["Content-Length"]
        if answer.never:
            return
        self.send_response(answer.status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        content = answer.content()
        self.wfile.write(content[: len(content) - answer.cut])

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    do_HEAD = do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base class wants these names
