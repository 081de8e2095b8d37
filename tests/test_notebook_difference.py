"""What is different between two notebooks: by cell, by line, by word."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.notebook.difference import CellChange, compare_notebooks
from trackside.notebook.restoring import restored
from trackside.notebook.text_difference import compare_sources


def cell(source: str, cell_id: str = "", kind: str = "code", **more: Any) -> dict[str, Any]:
    made = {"cell_type": kind, "source": source, "metadata": {}, **more}
    return made | ({"id": cell_id} if cell_id else {})


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def compare(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[CellChange, ...]:
    return compare_notebooks(notebook(*before), notebook(*after))


def told(changes: tuple[CellChange, ...]) -> list[tuple[str, str, bool]]:
    return [((change.after or change.before).source, change.kind, change.is_moved) for change in changes]  # type: ignore[union-attr]


def test_cells_are_found_by_id_by_source_and_by_likeness() -> None:
    """R5.3: a copied notebook has other ids, an edited cell another source; neither is another cell."""
    before = [
        cell("import os", "a"),
        cell("x = 1\ny = 2", "b"),
        cell("gone", "c"),
        cell("model = fit(x, depth=3)", "d"),
    ]
    after = [cell("import os", "q"), cell("x = 1\ny = 3", "b"), cell("new", "r"), cell("model = fit(x, depth=4)", "s")]
    changes = compare(before, after)
    assert told(changes) == [
        ("import os", "same", False),
        ("x = 1\ny = 3", "changed", False),
        ("gone", "removed", False),
        ("new", "added", False),
        ("model = fit(x, depth=4)", "changed", False),
    ]
    assert changes[1].changed == ("source",)


def test_a_cell_that_was_moved_is_the_only_one_that_is_told_as_moved() -> None:
    """R5.3: also where it was edited on the way."""
    before = [cell("1", "a"), cell("2", "b"), cell("3", "c"), cell("4", "d")]
    after = [before[3] | {"source": "44"}, *before[:3]]
    assert told(compare(before, after)) == [
        ("44", "changed", True),
        ("1", "same", False),
        ("2", "same", False),
        ("3", "same", False),
    ]
    assert [change.before.position for change in compare(before, after) if change.before] == [4, 1, 2, 3]


def test_inside_a_changed_cell_lines_and_words_are_told() -> None:
    """R5.3"""
    lines = compare_sources("a = 1\nb = load(path, 3)\nend", "a = 1\nb = load(path, 4)\nextra()\nend")
    assert [line.kind for line in lines] == ["same", "changed", "added", "same"]
    before, after = lines[1].before or (), lines[1].after or ()
    assert [span.text for span in before if span.is_changed] == ["3"]
    assert [span.text for span in after if span.is_changed] == ["4"]


def test_type_metadata_and_attachments_are_told_and_what_belongs_to_outputs_is_not() -> None:
    before = [
        cell("# x", "a"),
        cell("t", "b", metadata={"tags": ["x"], "scrolled": True}),
        cell("![](a)", "c", "markdown"),
    ]
    after = [
        cell("# x", "a", "markdown"),
        cell("t", "b", metadata={"trackside": {"execution_order": [1]}}),
        cell("![](a)", "c", "markdown", attachments={"a": {"image/png": "x"}}),
    ]
    kinds = [change.changed for change in compare(before, after)]
    assert kinds == [("type",), ("metadata",), ("attachments",)]


def test_a_notebook_is_the_same_as_itself_saved_by_another_front_end() -> None:
    lines = cell("a\r\nb\n", "x", outputs=[{"output_type": "stream"}], metadata={"collapsed": True})
    assert all(change.is_same for change in compare([lines], [cell("a\nb", "x", outputs=[])]))


_cells = st.lists(st.builds(cell, st.sampled_from(["", "a", "b = 1", "b = 2", "c\nd"]), st.sampled_from(list("wxyz"))))


@given(_cells, _cells)
@settings(max_examples=200, deadline=None)
def test_every_cell_of_both_notebooks_is_told_of_exactly_once(before: list[Any], after: list[Any]) -> None:
    changes = compare(before, after)
    assert sorted(change.before.position for change in changes if change.before) == list(range(1, len(before) + 1))
    assert [change.after.position for change in changes if change.after] == list(range(1, len(after) + 1))
    again = compare(before, before)
    assert [change.kind for change in again] == ["same"] * len(before)
    for change in changes:
        for side in ("before", "after"):
            lines = [getattr(line, side) for line in change.lines if getattr(line, side) is not None]
            texts = ["".join(span.text for span in line) for line in lines]
            assert not change.lines or texts == getattr(change, side).source.splitlines()


def test_five_thousand_cells_are_compared() -> None:
    """Bad input: a huge notebook, half of it written anew. A quadratic comparison runs into the limit of the test."""
    numbers = random.Random(1)
    before = [cell(f"value_{number} = {numbers.random()}\n" * 5, f"c{number}") for number in range(5000)]
    after = [cell(f"{numbers.random()}", f"n{number}") if number % 2 else before[number] for number in range(5000)]
    numbers.shuffle(after)
    changes = compare(before, after)
    assert sum(change.kind == "same" for change in changes) == 2500


def test_what_is_restored_has_the_revisions_code_and_the_outputs_of_cells_that_are_the_same() -> None:
    """R5.4"""
    revision = notebook(
        cell("x = 1", "a", metadata={"trackside": {"execution_order": [1]}}, outputs=[], execution_count=None),
        cell("y = 2", "b", metadata={"tags": ["t"]}, outputs=[], execution_count=None),
    )
    output = {"output_type": "stream", "name": "stdout", "text": "1"}
    now = notebook(cell("z", "n"), cell("x = 1", "a", outputs=[output], execution_count=7), cell("y = 3", "b"))
    now["metadata"] = {"trackside": {"id": "me"}, "own": 1}
    made = restored(revision, now)
    assert [found["source"] for found in made["cells"]] == ["x = 1", "y = 2"]
    assert made["cells"][0]["outputs"] == [output]
    assert made["cells"][1]["metadata"] == {"tags": ["t"]}
    assert made["metadata"] == now["metadata"]
    revision["metadata"] = {"trackside": {"id": "me", "path": "x.ipynb"}, "kernelspec": {"name": "python3"}}
    alone = restored(revision)
    assert alone["metadata"] == {"trackside": {"id": "me"}, "kernelspec": {"name": "python3"}}
    assert alone["cells"][0]["metadata"] == {}


def test_what_is_restored_was_never_run_whatever_the_revision_says() -> None:
    """R5.4: front ends draw outputs, and start the code of widgets, as soon as they open a notebook."""
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>1</script>"}}
    revision = notebook(cell("x", "a", outputs=[output], execution_count=3), cell("text", "b", "markdown"))
    revision["metadata"] = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}, "own": 1}
    made = restored(revision)
    assert [found.get("outputs") for found in made["cells"]] == [[], None]
    assert made["cells"][0]["execution_count"] is None
    assert made["metadata"] == {"own": 1}
