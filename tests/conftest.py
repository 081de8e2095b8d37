"""Fixtures that several test files share."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from trackside import settings
from trackside.notebook import git, modules

from .servers import MlflowServer, SmallServer
from .workspace import script_environment, workspace

__all__ = ["script_environment", "workspace"]


@pytest.fixture(scope="session", autouse=True)
def journal_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this process and those that tests start keep their journals, instead of the user's own folder."""
    folder = tmp_path_factory.mktemp("journals")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(settings.JOURNAL_DIR.name, str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def tests_are_no_local_modules() -> Iterator[None]:
    """Runs in this process would keep the tests as code that the user wrote, hundreds of files each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "_NOT_LOCAL", {*modules._NOT_LOCAL, "tests", "conftest"})
        yield


@pytest.fixture(scope="session", autouse=True)
def git_may_take_its_time() -> Iterator[None]:
    """A machine that does much else answers too late for the user, and not too late for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(git, "TIMEOUT_S", 120.0)
        yield


def pytest_configure() -> None:
    """A shell starts what runs in its background deaf to interrupts, which tests send to themselves."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure() -> None:
    """At exit each IPython shell of the tests collects garbage, through all that thousands of tests have left."""
    gc.freeze()


@pytest.fixture(scope="session")
def running_mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    server = MlflowServer(tmp_path_factory.mktemp("mlflow-server"))
    yield server
    server.stop()


@pytest.fixture
def mlflow_server(running_mlflow_server: MlflowServer) -> MlflowServer:
    """A real MLflow server in which nothing is logged yet. Mark tests that use it with ``server``."""
    running_mlflow_server.empty()
    return running_mlflow_server


@pytest.fixture
def small_server() -> Iterator[SmallServer]:
    """A server that answers what the test tells it to."""
    server = SmallServer()
    yield server
    server.stop()


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials, proxies and settings of the machine that runs the tests, and no random delays."""
    proxies = {name for name in os.environ if name.lower().endswith("_proxy")}
    for name in proxies | {setting.name for setting in settings.ALL} - {settings.JOURNAL_DIR.name}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
