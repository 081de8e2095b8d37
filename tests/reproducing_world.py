"""Runs to reproduce, and a package index of tiny libraries in a folder, so that environments are made in no time."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from trackside.entities import Metric, Param, Run, RunStatus
from trackside.notebook import revision
from trackside.reproducing import installers, own_copy
from trackside.stores.uri import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trackside.reproducing.progress import Progress
    from trackside.stores.base import Store

PYTHON = platform.python_version()


def make_wheel(folder: Path, name: str, version: str, *, requires: Iterable[str] = ()) -> Path:
    """A library that holds nothing but its version."""
    module, wheel = name.replace("-", "_"), folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata = "\n".join([*lines, *(f"Requires-Dist: {one}" for one in requires), ""])
    info = f"{module}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{module}/__init__.py", f"__version__ = {version!r}\n")
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        names = (f"{module}/__init__.py", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD")
        archive.writestr(f"{info}/RECORD", "".join(f"{one},,\n" for one in names))
    return wheel


@pytest.fixture
def package_index(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip is configured to install from, and from nowhere else; uv hears of it from Trackside."""
    folder = tmp_path_factory.mktemp("index")
    for requirement in own_copy.requirements(()):
        make_wheel(folder, requirement.partition(">")[0].partition("=")[0].partition("!")[0].strip(), "99.0")
    make_wheel(folder, "tiny", "1.0")
    make_wheel(folder, "small-lib", "2.0")
    for name in installers.OWN_OF_UV:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


@pytest.fixture
def places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Where environments and kernels go, instead of the user's own folders."""
    environments, data = tmp_path_factory.mktemp("environments"), tmp_path_factory.mktemp("jupyter")
    monkeypatch.setenv("TRACKSIDE_ENVIRONMENTS_DIR", str(environments))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(data))
    return environments, data / "kernels"


def make_notebook(*sources: str) -> dict[str, Any]:
    """A revision's notebook with these cells, executed in their order."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"trackside": {"execution_order": [number]}},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for number, source in enumerate(sources, start=1)
    ]
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernelspec, "language_info": {"name": "python"}, "trackside": {"id": "original"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def make_record(**parts: Any) -> dict[str, Any]:
    """What a run recorded of an environment that is gone."""
    gone = "/nowhere/bin/python"
    python = {"version": PYTHON, "implementation": "CPython", "executable": gone, "base_executable": sys.executable}
    return {"python": python, "kernelspec": "python3", "variables": {}, "distributions": [], **parts}


def make_run(
    notebook: Mapping[str, Any] | None = None,
    requirements: Sequence[str] | None = ("tiny==1.0",),
    *,
    record: Mapping[str, Any] | None = None,
    name: str = "first",
    tags: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    params: Mapping[str, str] | None = None,
    metrics: Mapping[str, float] | None = None,
    uri: str = "sqlite:///mlflow.db",
) -> tuple[Store, Run]:
    """A run with a notebook and an environment; without requirements it recorded no environment."""
    store = open_store(uri)
    content = notebook if notebook is not None else make_notebook("print(1)")
    own = {"trackside.revision.path": "notebook/train.ipynb", "trackside.revision.sha256": revision.hash_of(content)}
    run_id = store.create_run("0", run_name=name, user_id="ada", start_time=1, tags={**own, **(tags or {})}).info.run_id
    artifacts = store.artifacts(run_id)
    artifacts.write_bytes("notebook/train.ipynb", json.dumps(content).encode())
    if requirements is not None:
        artifacts.write_bytes("environment/environment.json", json.dumps(record or make_record()).encode())
        artifacts.write_bytes("environment/requirements.txt", "\n".join(["# heading", *requirements, ""]).encode())
    for path, text in (files or {}).items():
        artifacts.write_bytes(path, text)
    store.log_batch(
        run_id,
        params=[Param(key, value) for key, value in (params or {}).items()],
        metrics=[Metric(key, value, 1) for key, value in (metrics or {}).items()],
    )
    store.update_run(run_id, status=RunStatus.FINISHED, end_time=2)
    return store, store.get_run(run_id)


def left_in(folder: Path) -> list[str]:
    """What lies there, without the small files that are only locked."""
    return sorted(path.name for path in folder.glob("*") if path.suffix != ".lock")


@contextmanager
def cancelled_at(began: Path, progress: Progress) -> Iterator[None]:
    """Cancels as soon as a program has written into a file, by which it says that it began."""

    def cancel() -> None:
        wait_for(lambda: began.exists() and began.read_text())
        progress.cancel.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    yield
    thread.join()


def wait_for(is_so: Callable[[], Any]) -> None:
    """Wait until something holds."""
    pause = threading.Event()
    for _ in range(2400):
        if is_so():
            return
        pause.wait(0.1)
    raise AssertionError("it did not happen within four minutes")


def is_running(process_id: int) -> bool:
    """Whether there is such a process; one that has ended and was not asked how has ended."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith(b"Z")
