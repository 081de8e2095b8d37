"""Fixtures of tests that run MLflow in kernels."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .mlflow_kernels import Mlflow, newest_mlflow, old_mlflow


@pytest.fixture(scope="module", params=[newest_mlflow, old_mlflow], ids=["newest", "two years old"])
def version(request: pytest.FixtureRequest) -> Mlflow:
    """The newest MLflow, and one that is two years older."""
    found: Mlflow = request.param()
    return found


@pytest.fixture(scope="session")
def make_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mlflow, Path], None]:
    """Puts a database without runs into a folder. MLflow takes seconds to make one, so that is done once a version."""
    made: dict[str, Path] = {}

    def make(version: Mlflow, folder: Path) -> None:
        if version.version not in made:
            home = tmp_path_factory.mktemp("database")
            script = "import mlflow; mlflow.MlflowClient('sqlite:///mlflow.db').search_experiments()"
            subprocess.run([version.python, "-W", "ignore", "-c", script], cwd=home, check=True, timeout=240)
            made[version.version] = home / "mlflow.db"
        shutil.copy(made[version.version], folder)

    return make
