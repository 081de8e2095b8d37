"""A real Jupyter server whose settings, data and working directory are all its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from ..ports import free_port
from ..repositories import PATIENCE
from .waiting import wait_until

QUIET = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}
START_S = 300


class JupyterServer:
    """JupyterLab (or Notebook) on this machine, over the directory ``root``."""

    def __init__(self, folder: Path, *, app: str = "jupyterlab", arguments: tuple[str, ...] = ()) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self.data = folder / "data"
        self.environment = _environment(folder)
        self._settings = folder / "config" / "lab" / "user-settings"
        self.reset_settings()
        self._token = secrets.token_hex(16)
        self._port = free_port()
        self._log = (folder / "server.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", app, *self._options(), *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        wait_until(self._answers, START_S, f"the server does not answer; see {self._log.name}")

    def url(self, path: str) -> str:
        """The address of a page, with the right to open it."""
        return f"http://127.0.0.1:{self._port}/{path}{'&' if '?' in path else '?'}token={self._token}"

    def call(self, method: str, path: str) -> Any:
        """Ask the server's own API."""
        request = urllib.request.Request(self.url(path), method=method)
        with urllib.request.urlopen(request, timeout=240) as response:
            text = response.read()
        return json.loads(text) if text else None

    def stop_kernels(self) -> None:
        """End every session and its kernel."""
        for session in self.call("GET", "api/sessions"):
            with suppress(HTTPError):  # it may have ended by itself meanwhile
                self.call("DELETE", f"api/sessions/{session['id']}")

    def reset_settings(self) -> None:
        """Forget what pages have set, such as another theme."""
        shutil.rmtree(self._settings, ignore_errors=True)
        for name, content in QUIET.items():
            path = self._settings / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))

    def stop(self) -> None:
        """End the server with all that it started."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def _options(self) -> list[str]:
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self._port,
            "ServerApp.port_retries": 0,
            "ServerApp.open_browser": False,
            "ServerApp.root_dir": self.root,
            "IdentityProvider.token": self._token,
            "LabApp.news_url": "",
            "LabApp.expose_app_in_browser": True,
            "JupyterNotebookApp.expose_app_in_browser": True,
        }
        return ["--allow-root", *(f"--{name}={value}" for name, value in options.items())]

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"the server ended by itself; see {self._log.name}")
        try:
            return bool(self.call("GET", "api/status"))
        except OSError:
            return False


def _environment(folder: Path) -> dict[str, str]:
    """The environment of this process without anything that points at its owner's settings, data or runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "MLFLOW", "JPY_"))}
    own = {
        "HOME": folder / "home",
        "IPYTHONDIR": folder / "ipython",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "config" / "lab" / "user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
    }
    startup = folder / "ipython" / "profile_default" / "startup"
    for path in (*own.values(), startup):
        path.mkdir(parents=True, exist_ok=True)
    (startup / "60-patience.py").write_text(PATIENCE)
    return {
        **kept,
        **{name: str(path) for name, path in own.items()},
        "USER": "ada",
        "LOGNAME": "ada",
        **_caches(folder),
    }


def _caches(folder: Path) -> dict[str, str]:
    """Environments that kernels make are the server's own; what is in them comes out of everybody's cache."""
    cache = os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache" / "uv")
    return {"UV_CACHE_DIR": cache, "TRACKSIDE_ENVIRONMENTS_DIR": str(folder / "environments")}
