"""Notebook files as they are found on disk, the broken ones too."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest

from trackside.errors import InvalidValueError
from trackside.notebook import content
from trackside.notebook.content import FileReader, Origin, read_file


def write(path: Path, **changes: Any) -> Path:
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell], **changes}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def test_sources_are_one_text_whether_the_file_has_lines_or_text(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": ["a\n", "b"], "metadata": {}}, {"cell_type": "raw", "source": "c"}]
    read = read_file(write(tmp_path / "n.ipynb", cells=cells))
    assert [cell["source"] for cell in read.cells] == ["a\nb", "c"]
    assert read.origin is Origin.FILE


def test_a_notebook_of_format_3_is_read(tmp_path: Path) -> None:
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1")])])
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(old), encoding="utf-8")
    assert [cell["source"] for cell in read_file(path).cells] == ["x = 1"]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = write(tmp_path / "n.ipynb")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_file(path).cells) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"cells": [', "not valid JSON"),
        (b"", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"cells": "caf\xe9"}', "not UTF-8"),
        (b"[]", "not a notebook"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": "?", "cells": []}', "unknown notebook format"),
        (b'{"worksheets": 3, "nbformat": 3}', "unknown notebook format"),
    ],
)
def test_a_broken_file_is_no_notebook_and_the_reason_is_said(tmp_path: Path, data: bytes, reason: str) -> None:
    """Bad input: a notebook with invalid JSON on disk."""
    path = tmp_path / "n.ipynb"
    path.write_bytes(data)
    with pytest.raises(InvalidValueError, match=reason):
        read_file(path)
    read = FileReader().read(path)
    assert read.origin is Origin.HISTORY
    assert read.note.startswith("built from the history, because n.ipynb could not be read: ")
    assert reason in read.note


def test_odd_cells_do_not_hide_the_good_ones(tmp_path: Path) -> None:
    cells = [
        1,
        {},
        {"cell_type": "code", "source": None, "metadata": []},
        {"cell_type": "code", "source": "x", "id": 7},
    ]
    read = read_file(write(tmp_path / "n.ipynb", cells=cells, metadata=[]))
    assert [cell["source"] for cell in read.cells] == ["", "", "x"]
    assert all("id" not in cell for cell in read.cells)


def test_a_directory_and_a_missing_file_are_no_notebooks(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.ipynb"):
        assert FileReader().read(path).origin is Origin.HISTORY


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_no_notebook(tmp_path: Path) -> None:
    path = write(tmp_path / "n.ipynb")
    path.chmod(0)
    assert "Permission denied" in FileReader().read(path).note


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "n.ipynb")
    monkeypatch.setattr(content, "MAX_FILE_BYTES", 10)
    assert "larger than" in FileReader().read(path).note


def test_a_file_is_parsed_again_only_after_it_changed(tmp_path: Path) -> None:
    path, reader = write(tmp_path / "n.ipynb"), FileReader()
    first = reader.read(path)
    assert reader.read(path) is first
    write(path, metadata={"trackside": {"id": "new"}})
    assert reader.read(path).notebook_id == "new"


@pytest.mark.parametrize("metadata", [{}, {"trackside": 1}, {"trackside": {"id": 1}}, {"trackside": {"id": ""}}])
def test_metadata_without_a_usable_id_have_none(tmp_path: Path, metadata: dict[str, Any]) -> None:
    assert read_file(write(tmp_path / "n.ipynb", metadata=metadata)).notebook_id is None
