"""Bad input: a notebook with 5,000 cells and 50 MB of attachments is captured, stored, compared and written again."""

from __future__ import annotations

import json
import random
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from trackside.notebook import revision, slim
from trackside.notebook.content import Content, FileReader, Origin, read_file, with_attachments
from trackside.notebook.difference import compare_notebooks
from trackside.notebook.history import Execution
from trackside.notebook.restoring import restored
from trackside.notebook.text_difference import compare_sources

PICTURES = 50
CELLS = 5000


def picture(number: int, size: int) -> dict[str, Any]:
    image = {"picture.png": {"image/png": chr(65 + number % 26) * size}}
    text = f"![](attachment:picture.png) {number}"
    return {"cell_type": "markdown", "id": f"p{number}", "metadata": {}, "source": text, "attachments": image}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook, with outputs as large as the attachments."""
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 1000}
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [output] * 10}
    cells: list[dict[str, Any]] = [{**code, "id": f"c{number}", "source": f"x = {number}"} for number in range(CELLS)]
    cells[::100] = [picture(number, 1_000_000 + number) for number in range(PICTURES)]
    path = tmp_path_factory.mktemp("large") / "large.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    return path


def test_a_large_notebook_keeps_the_attachments_that_there_is_room_for_and_says_so(large: Path) -> None:
    """R1.11: the smallest ones, 10 MB of them; all cells."""
    found = read_file(large)
    built = revision.build(found, [Execution(1, "x = 'edited'", "c1")], path="large.ipynb")
    assert len(built.notebook["cells"]) == CELLS
    kept = [cell for cell in built.notebook["cells"] if cell.get("attachments", {}).get("picture.png")]
    assert (len(kept), built.attachments_left_out) == (10, PICTURES - 10)
    assert len(built.text) < 1.5 * slim.MAX_ATTACHMENTS
    assert revision.read(built.text, built.sha256).attachments_left_out == PICTURES - 10


def read_and_measured(path: Path) -> tuple[Content, int]:
    """What was read, and the most memory in bytes that this process took for it at once."""
    tracemalloc.start()
    try:
        return read_file(path), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_a_large_notebook_does_not_hold_up_other_threads(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.11: another process parses the file, this one never has it; where none can be started, it finds the same."""
    apart, taken_apart = read_and_measured(large)
    monkeypatch.setattr(sys, "executable", str(large.with_name("no-python")))
    here, taken_here = read_and_measured(large)
    assert taken_apart < large.stat().st_size < taken_here
    assert apart.cells == here.cells


def test_a_front_ends_cells_get_the_attachments_of_the_file(large: Path) -> None:
    cells = [
        {"cell_type": "markdown", "id": f"p{number}", "metadata": {}, "source": "![](attachment:picture.png)"}
        for number in (0, PICTURES - 1)
    ]
    found = with_attachments(Content(Origin.FRONT_END, cells), large, FileReader())
    assert [("attachments" in cell and bool(cell["attachments"]), cell.get(slim.LEFT_OUT)) for cell in found.cells] == [
        (True, None),
        (False, ["picture.png"]),
    ]


def test_what_was_left_out_is_neither_a_difference_nor_lost_when_the_revision_is_restored(large: Path) -> None:
    """R5.3, R5.4"""
    built = revision.build(read_file(large), [], path="large.ipynb")
    now = json.loads(large.read_text())
    assert all(change.is_same for change in compare_notebooks(built.notebook, now))
    assert restored(built.notebook, now)["cells"] == now["cells"]


def words(numbers: random.Random, count: int) -> str:
    return " ".join(f"name{numbers.randrange(50)} = [{numbers.randrange(9)}, 2]" for _ in range(count))


def test_differences_of_large_notebooks_take_no_longer_than_their_size_asks() -> None:
    """R5.3: cells of which all are others, with the same words, under other ids. What is quadratic never ends here."""
    numbers = random.Random(1)
    sides = [
        [
            {"cell_type": "code", "id": f"{side}{number}", "metadata": {}, "source": words(numbers, 60)}
            for number in range(CELLS // 10)
        ]
        for side in "ab"
    ]
    before, after = ({"cells": cells} for cells in sides)
    changes = compare_notebooks(before, after)
    assert sum(change.before is not None for change in changes) == CELLS // 10


@pytest.mark.parametrize(("line", "count"), [("{}", 40_000), ("same", 40_000), ("", 40_000), ("{} = [1, 2], ", 10_000)])
def test_differences_of_long_cells_are_told_in_time(line: str, count: int) -> None:
    """Bad input: one cell of megabytes, with lines that are all alike or all others, and one line of megabytes."""
    before = "\n".join([line.format(number) for number in range(count)])
    after = "\n".join(["new", *[line.format(number + number % 2) for number in range(count)][::-1]])
    for old, new in ((before, after), (before.replace("\n", " "), after.replace("\n", " "))):
        found = compare_sources(old, new)
        texts = ["".join(span.text for span in change.after) for change in found if change.after is not None]
        assert texts == new.splitlines()
