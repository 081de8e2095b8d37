"""Finding a kernel's notebook, and telling a copy from a rename."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from trackside.notebook import identity
from trackside.notebook.launcher import Launcher, find_launcher


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TRACKSIDE_NOTEBOOK", "JPY_SESSION_NAME", "IPYNB_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def shell(*sources: str, **variables: Any) -> Any:
    history = SimpleNamespace(input_hist_raw=["", *sources])
    return SimpleNamespace(user_ns=variables, history_manager=history)


def write(path: Path, *sources: str, notebook_id: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
    metadata = {"trackside": {"id": notebook_id}} if notebook_id else {}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": cells}))
    return path


def launched(monkeypatch: pytest.MonkeyPatch, directory: Path, *command: str, session_name: str | None = None) -> None:
    launcher = Launcher(command, directory, session_name)
    monkeypatch.setattr(identity, "launcher_of", lambda process_id: launcher)


def test_the_users_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "sub/../mine.ipynb")
    monkeypatch.setenv("JPY_SESSION_NAME", "/other.ipynb")
    assert identity.find_notebook_path(shell(__vsc_ipynb_file__="/vs.ipynb")) == tmp_path / "mine.ipynb"


def test_a_session_name_that_the_server_set_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launched(monkeypatch, tmp_path, "jupyter-lab")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "work.ipynb"))
    assert identity.find_notebook_path(shell()) == tmp_path / "work.ipynb"


def test_a_session_name_of_a_console_is_not_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launched(monkeypatch, tmp_path, "jupyter-lab")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "Console 1"))
    assert identity.find_notebook_path(shell()) is None


def test_a_text_notebook_is_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupytext opens scripts as notebooks."""
    launched(monkeypatch, tmp_path, "jupyter-lab")
    (tmp_path / "work.py").touch()
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "work.py"))
    assert identity.find_notebook_path(shell()) == tmp_path / "work.py"


@pytest.mark.parametrize("command", [("python", "program.py"), ("python", "/bin/jupyter-execute", "inner.ipynb")])
def test_an_inherited_session_name_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    outer = str(write(tmp_path / "outer.ipynb", "x = 1"))
    monkeypatch.setenv("JPY_SESSION_NAME", outer)
    launched(monkeypatch, tmp_path, *command, session_name=outer)
    assert identity.find_notebook_path(shell("y = 1")) is None


def test_a_program_that_runs_notebooks_is_believed_more_than_an_inherited_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the other process's variables may not be read, the inheritance cannot be seen."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(write(tmp_path / "outer.ipynb", "x = 1")))
    inner = write(tmp_path / "inner.ipynb", "x = 1")
    launched(monkeypatch, tmp_path, "python", "/bin/jupyter-execute", "inner.ipynb")
    assert identity.find_notebook_path(shell("x = 1")) == inner


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("python", "/bin/jupyter-execute", "sub/a.ipynb"), "sub/a.ipynb"),
        (("python", "/bin/jupyter-execute", "sub/a"), "sub/a.ipynb"),
        (("/bin/jupyter-nbconvert", "--execute", "--output", "b.ipynb", "sub/a.ipynb"), "sub/a.ipynb"),
        (("/bin/jupyter-nbconvert", "--execute", "--output=b.ipynb", "sub/a.ipynb"), "sub/a.ipynb"),
        (("python", "-m", "papermill", "sub/a.ipynb", "b.ipynb", "-p", "x", "1"), "sub/a.ipynb"),
        (("/bin/papermill", "-p", "x", "1", "sub/a.ipynb", "b.ipynb"), "sub/a.ipynb"),
        (("python", "/bin/pytest", "--nbmake", "sub/a.ipynb"), "sub/a.ipynb"),
        (("python", "/bin/pytest", "sub/a"), None),
        (("python", "/bin/jupyter-execute", "missing.ipynb"), None),
        ((), None),
    ],
)
def test_the_launchers_command_line_names_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], expected: str | None
) -> None:
    write(tmp_path / "sub" / "a.ipynb", "x = 1")
    write(tmp_path / "b.ipynb", "x = 1")
    launched(monkeypatch, tmp_path, *command)
    monkeypatch.chdir("/")
    assert identity.find_notebook_path(shell("x = 1")) == (tmp_path / expected if expected else None)


def test_a_named_notebook_without_the_executed_source_is_not_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.ipynb", "x = 1")
    launched(monkeypatch, tmp_path, "/bin/jupyter-execute", "a.ipynb")
    assert identity.find_notebook_path(shell()) is None
    assert identity.find_notebook_path(shell("y = 1")) is None


def test_of_several_named_notebooks_the_one_that_fits_best_is_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.ipynb", "start", "x = 1")
    second = write(tmp_path / "b.ipynb", "start", "y = 1")
    launched(monkeypatch, tmp_path, "/bin/jupyter-execute", "a.ipynb", "b.ipynb")
    assert identity.find_notebook_path(shell("start")) is None
    assert identity.find_notebook_path(shell("start", "y = 1")) == second


def test_a_variable_of_other_tools_counts_if_it_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launched(monkeypatch, tmp_path, "python", "program.py")
    monkeypatch.setenv("IPYNB_FILE", str(write(tmp_path / "a.ipynb", "x = 1")))
    assert identity.find_notebook_path(shell("x = 1")) == tmp_path / "a.ipynb"
    assert identity.find_notebook_path(shell("y = 1")) is None


def test_a_person_at_a_console_is_not_taken_for_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.ipynb", "import pandas")
    launched(monkeypatch, tmp_path, "ipython")
    assert identity.find_notebook_path(shell("import pandas")) is None


@pytest.mark.parametrize(
    ("live", "known", "root"),
    [
        ("a.ipynb", "r/a.ipynb", "r"),
        ("sub/a.ipynb", "r/sub/a.ipynb", "r"),
        ("sub/new.ipynb", "r/sub/old.ipynb", "r"),
        ("new.ipynb", "r/sub/old.ipynb", "r"),
        ("sub/new.ipynb", None, "r"),
        ("nowhere.ipynb", "r/sub/old.ipynb", None),
    ],
)
def test_the_servers_root_is_found(tmp_path: Path, live: str, known: str | None, root: str | None) -> None:
    for name in ("r/new.ipynb", "r/sub/new.ipynb"):
        write(tmp_path / name)
    found = identity.find_root(live, tmp_path / known if known else None, [tmp_path / "r"])
    assert found == (tmp_path / root if root else None)


def test_a_copy_has_the_same_id_while_the_original_is_still_there(tmp_path: Path) -> None:
    """R2.2: a copy is another notebook; a renamed or moved one is the same."""
    original = write(tmp_path / "a.ipynb", notebook_id="1")
    copy = Path(shutil.copy(original, tmp_path / "b.ipynb"))
    assert identity.is_copy_of(original, copy, "1")
    assert identity.is_copy_of("a.ipynb", str(copy), "1")
    original.rename(tmp_path / "c.ipynb")
    assert not identity.is_copy_of(original, copy, "1")


@pytest.mark.parametrize("own", ["a.ipynb", "sub/../a.ipynb", "link.ipynb"])
def test_a_notebook_is_not_a_copy_of_itself(tmp_path: Path, own: str) -> None:
    original = write(tmp_path / "a.ipynb", notebook_id="1")
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.ipynb").symlink_to(original)
    assert not identity.is_copy_of(original, tmp_path / own, "1")


def test_a_notebook_in_the_originals_place_with_another_id_is_no_original(tmp_path: Path) -> None:
    write(tmp_path / "other.ipynb", notebook_id="2")
    (tmp_path / "broken.ipynb").write_text("{")
    own = write(tmp_path / "own.ipynb", notebook_id="1")
    for name in ("other.ipynb", "broken.ipynb", "\0", "sub/"):
        assert not identity.is_copy_of(name, own, "1")
    assert not identity.is_copy_of("other.ipynb", None, "2")


def test_the_launcher_is_the_process_above_wrappers(tmp_path: Path) -> None:
    """A kernelspec may start its kernel through a shell, which has the server's variables for the kernel."""
    show = (
        "from trackside.notebook.launcher import find_launcher; found = find_launcher();"
        "print(found.command[-1], found.directory, found.session_name)"
    )
    kernel = tmp_path / "kernel.py"
    kernel.write_text(show)
    wrapped = f"{sys.executable} {kernel} -f kernel-1234abcd.json; true"
    top = tmp_path / "top.py"
    top.write_text(
        "import os, subprocess\n"
        f"subprocess.run(['bash', '-c', {wrapped!r}], env=dict(os.environ, JPY_SESSION_NAME='ours'))\n"
    )
    source = str(Path(__file__).parents[1] / "src")
    done = subprocess.run(
        [sys.executable, str(top)],
        cwd=tmp_path,
        env={"PYTHONPATH": source, "PATH": "/usr/bin:/bin", "JPY_SESSION_NAME": "of above"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split() == [str(top), str(tmp_path), "of", "above"]


def test_a_process_that_may_not_be_looked_at_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    def refuse(self: object) -> None:
        raise psutil.AccessDenied

    for question in ("cmdline", "cwd", "environ"):
        monkeypatch.setattr(psutil.Process, question, refuse)
    assert find_launcher() == Launcher()
