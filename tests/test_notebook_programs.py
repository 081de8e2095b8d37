"""Notebooks run by programs (`jupyter execute`, nbconvert, papermill, nbclient): each is found, as it was executed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .kernels import execute
from .notebook_kernels import (
    START,
    TELL,
    clean_environment,
    order_of,
    run_program,
    told_in,
    write_notebook,
)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return clean_environment(tmp_path, monkeypatch)


def test_jupyter_execute(environment: dict[str, str], tmp_path: Path) -> None:
    """R1.11: path, sources, order and hash are right without a front end."""
    work = write_notebook(tmp_path / "sub" / "work.ipynb", START, "%time x = 1", TELL, "never = 1")
    run_program(environment, tmp_path, "jupyter", "execute", "sub/work.ipynb", "--output=done")
    path, shown, captured = told_in(tmp_path / "sub" / "done.ipynb")
    assert (path, shown, captured.file_name) == (str(work), "sub/work.ipynb", "work.ipynb")
    assert order_of(captured) == [
        (START.partition("\n")[0], [1]),
        ("%time x = 1", [2]),
        ("import json", [3]),
        ("never = 1", []),
    ]
    assert captured.notebook["metadata"]["trackside"]["content"] == "file"


def test_jupyter_execute_of_several_notebooks_finds_each(environment: dict[str, str], tmp_path: Path) -> None:
    """Both start with the same cell, so only the next one tells them apart."""
    write_notebook(tmp_path / "one.ipynb", START, "x = 'one'", TELL)
    write_notebook(tmp_path / "two.ipynb", START, "x = 'two'", TELL)
    run_program(environment, tmp_path, "jupyter", "execute", "one", "two", "--inplace")
    assert told_in(tmp_path / "one.ipynb")[0] == str(tmp_path / "one.ipynb")
    assert told_in(tmp_path / "two.ipynb")[0] == str(tmp_path / "two.ipynb")


def test_jupyter_execute_from_inside_another_notebook_is_not_taken_for_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """JPY_SESSION_NAME is inherited by what a notebook starts."""
    outer = write_notebook(tmp_path / "outer.ipynb", START)
    inner = write_notebook(tmp_path / "inner.ipynb", START, TELL)
    environment["JPY_SESSION_NAME"] = str(outer)
    run_program(environment, tmp_path, "jupyter", "execute", "inner.ipynb", "--inplace")
    assert told_in(inner)[0] == str(inner)


def test_nbconvert(environment: dict[str, str], tmp_path: Path) -> None:
    """The notebook is found though an earlier output with the same cells is named on the command line."""
    work = write_notebook(tmp_path / "work.ipynb", START, "x = 1", TELL)
    write_notebook(tmp_path / "done.ipynb", START, "x = 1", TELL)
    options = ("--to", "notebook", "--execute", "--output", "done.ipynb")
    run_program(environment, tmp_path, "nbconvert", *options, "work.ipynb")
    path, shown, captured = told_in(tmp_path / "done.ipynb")
    assert (path, shown) == (str(work), "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2], [3]]


def test_papermill(environment: dict[str, str], tmp_path: Path) -> None:
    """The input is the notebook; the cell with the parameters, which it does not have, is in the revision."""
    parameters = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "alpha = 1", "id": "p"}
    plain = {"cell_type": "code", "metadata": {}}
    cells = [
        {**plain, "id": "a", "source": START},
        parameters,
        {**plain, "id": "b", "source": "y = alpha"},
        {**plain, "id": "c", "source": TELL},
    ]
    cells = [{**cell, "outputs": [], "execution_count": None} for cell in cells]
    work = write_notebook(tmp_path / "work.ipynb", cells=cells)
    run_program(environment, tmp_path, "papermill", "work.ipynb", "done.ipynb", "-p", "alpha", "3")
    path, shown, captured = told_in(tmp_path / "done.ipynb")
    assert (path, shown) == (str(work), "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2], [3], [4], [5]]
    injected = captured.notebook["cells"][2]
    assert "alpha = 3" in injected["source"]
    assert injected["metadata"]["trackside"]["not_in_notebook"] is True


def test_nbclient_in_a_program_finds_the_only_notebook_with_these_cells(
    environment: dict[str, str], tmp_path: Path
) -> None:
    work = write_notebook(tmp_path / "work.ipynb", START, "x = 1", TELL, minor=4)
    write_notebook(tmp_path / "other.ipynb", START, "x = 2", TELL, minor=4)
    program = tmp_path / "program.py"
    program.write_text(
        "import nbformat, nbclient\n"
        "notebook = nbformat.read('work.ipynb', as_version=4)\n"
        "nbclient.NotebookClient(notebook, resources={'metadata': {'path': '.'}}).execute()\n"
        "nbformat.write(notebook, 'done.ipynb')\n"
    )
    done = execute(sys.executable, "-W", "ignore", program, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    path, shown, captured = told_in(tmp_path / "done.ipynb")
    assert (path, shown) == (str(work), "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2], [3]]
