"""Kernels in which MLflow is used, with Trackside installed as pip installs it, or not."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..kernels import Kernel, start_kernel
from ..repositories import PATIENCE

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
OLD_VERSION = "2.19.0"
"""The newest of two years ago."""
OLD_REQUIREMENTS = (f"mlflow-skinny=={OLD_VERSION}", "sqlalchemy<2.1", "alembic")
GROUPS = ("mlflow.default_experiment_provider", "mlflow.run_context_provider")
MlflowKernel = Kernel


@dataclass(frozen=True)
class Mlflow:
    """A Python in which a version of MLflow is installed.

    Attributes:
        version: A name for it.
        python: The program.
        variables: What the environment needs so that this version keeps runs in a database, as newer ones do.
    """

    version: str
    python: Path
    variables: Mapping[str, str]


def newest_mlflow() -> Mlflow:
    """The MLflow of the environment in which the tests run."""
    return Mlflow("newest", Path(sys.executable), {})


def old_mlflow() -> Mlflow:
    """An MLflow that is two years older, in an environment of its own, which is made once and kept.

    It lies in the environment in which the tests run, and sees what is installed there behind its own packages.
    """
    folder = Path(sys.prefix) / f"mlflow-{OLD_VERSION}"
    stamp, wanted = folder / "complete", "\n".join(OLD_REQUIREMENTS)
    if not stamp.is_file() or stamp.read_text() != wanted:
        _make_environment(folder)
        stamp.write_text(wanted)
    return Mlflow(OLD_VERSION, _python_of(folder), {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"})


def _make_environment(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    has_uv = importlib.util.find_spec("uv") is not None
    venv.create(folder, symlinks=os.name != "nt", with_pip=not has_uv)
    python = str(_python_of(folder))
    uv = [sys.executable, "-m", "uv", "pip", "install", "--python", python]
    install = uv if has_uv else [python, "-m", "pip", "install"]
    subprocess.run([*install, "--quiet", *OLD_REQUIREMENTS], check=True, timeout=600)
    (site,) = folder.glob("[Ll]ib/**/site-packages")
    outer = [path for path in sys.path if path.endswith("site-packages")]
    (site / "zz-outer.pth").write_text("\n".join(outer))


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install_plugins(site: Path, plugins: Mapping[str, Mapping[str, str]], name: str = "trackside") -> None:
    """Make a distribution with these entry points visible to whoever has the folder on its path.

    Args:
        site: The folder.
        plugins: For each group of entry points, their names and objects.
        name: The distribution's; it hides another of this name further behind on the path.
    """
    folder = site / f"{name}-0.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in plugins[group].items()) for group in plugins
    ]
    (folder / "entry_points.txt").write_text("\n".join(lines))


def declared_plugins() -> dict[str, dict[str, str]]:
    """The entry points that pyproject.toml declares for MLflow."""
    toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    declared = toml.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    return {group: dict(plugins) for group, plugins in declared.items() if group.startswith("mlflow.")}


def install_trackside(folder: Path, environment: dict[str, str], *, installed: bool = True) -> dict[str, str]:
    """An environment in which Trackside is installed, with all that pip puts in place, or as if it were not."""
    site, startup = folder / "site", folder / "ipython" / "profile_default" / "startup"
    install_plugins(site, declared_plugins() if installed else {})
    startup.mkdir(parents=True)
    if installed:
        shutil.copy(SOURCE / "trackside" / "startup" / "50-trackside.py", startup)
        (startup / "60-patience.py").write_text(PATIENCE)
    kept = {
        name: value for name, value in environment.items() if not name.startswith(("MLFLOW_", "TRACKSIDE_", "JPY_"))
    }
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(site), str(SOURCE)]),
        "IPYTHONDIR": str(folder / "ipython"),
        **({} if installed else {"TRACKSIDE_DISABLED": "1"}),
    }


@contextmanager
def start_mlflow_kernel(
    folder: Path, environment: dict[str, str], *, installed: bool = True, mlflow: Mlflow | None = None
) -> Iterator[Kernel]:
    """A kernel that runs the notebook ``train.ipynb`` in a folder."""
    mlflow = mlflow or newest_mlflow()
    notebook = write_notebook(folder / "train.ipynb")
    variables = install_trackside(folder / ".installed", environment, installed=installed)
    argv = [str(mlflow.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    with start_kernel(folder, {**variables, "TRACKSIDE_NOTEBOOK": str(notebook), **mlflow.variables}, argv) as kernel:
        yield kernel


def write_notebook(path: Path, *sources: str) -> Path:
    """A notebook with these cells."""
    plain = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**plain, "id": f"c{number}", "source": source} for number, source in enumerate(sources)]
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernelspec}, "cells": cells}
    path.write_text(json.dumps(content))
    return path
