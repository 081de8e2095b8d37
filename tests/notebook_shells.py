"""A real IPython shell for tests of the notebook layer, and what a front end and a disk would give it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from trackside import extension
from trackside.notebook import session

if TYPE_CHECKING:
    import pytest

    from trackside.notebook.session import NotebookSession


def make_shell(directory: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A shell that leaves nothing in the home of whoever tests."""
    monkeypatch.setenv("IPYTHONDIR", str(directory / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell(config=config)


@contextmanager
def terminal_in(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython in a terminal, with Trackside."""
    shell = make_shell(directory, monkeypatch)
    extension.load(shell)
    yield shell
    extension.unload(shell)


@contextmanager
def shell_in(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell that works in a directory and was told no notebook."""
    for name in ("TRACKSIDE_NOTEBOOK", "JPY_SESSION_NAME", "IPYNB_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(directory)
    yield make_shell(directory, monkeypatch)
    current = session.current()
    if current is not None:
        current.stop()


def run(shell: InteractiveShell, source: str, cell_id: str | None = None, **options: Any) -> Any:
    return shell.run_cell(source, **{"store_history": True, "cell_id": cell_id, **options})


def sources(watched: NotebookSession) -> list[str]:
    return [execution.source for execution in watched.executions]


def sync(path: str = "work.ipynb", notebook_id: str | None = None, **cells: str) -> dict[str, Any]:
    return {
        "kind": "notebook.sync",
        "path": path,
        "notebook_id": notebook_id,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "order": list(cells),
        "cells": {key: {"cell_type": "code", "source": source, "metadata": {}} for key, source in cells.items()},
        "scheduled": [],
    }


def write_notebook(path: Path, cells: Any = (), metadata: Any = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = [
        {"cell_type": "code", "id": f"c{index}", "metadata": {}, "source": source, "outputs": [], "execution_count": 1}
        for index, source in enumerate(cells)
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata or {}, "cells": content}
    path.write_text(json.dumps(notebook), encoding="utf-8")
