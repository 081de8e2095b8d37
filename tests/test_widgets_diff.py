"""Differences as the front end gets them, held to `tests/protocol/diff`; the other side is `js/test/diff.test.ts`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trackside
from trackside.errors import RunNotFoundError
from trackside.notebook import revision
from trackside.widgets import diff_requests, diff_view, run_requests
from trackside.widgets.bridge import answer

from .family_world import Family
from .widget_world import NOTEBOOK, read_example

NOWHERE: dict[str, Any] = {"path": "", "cells": [], "key": ""}


class Pair(Family):
    """The examples' runs, of which the last one has another notebook."""

    def __init__(self) -> None:
        super().__init__()
        intro = {**NOTEBOOK["cells"][0], "source": "# Wine\nand <b>more</b> of it"}  # type: ignore[index]
        code = {"cell_type": "code", "id": "fit", "metadata": {}, "source": "fit()", "outputs": []}
        notebook = {**NOTEBOOK, "cells": [code | {"execution_count": None}, intro]}
        self.store.artifacts(self.later).write_bytes("notebook/quickstart.ipynb", json.dumps(notebook).encode())
        sha256, path = revision.hash_of(notebook), "notebook/quickstart.ipynb"
        tags = {"trackside.revision.sha256": sha256, "trackside.revision.path": path}
        self.store.log_batch(self.later, tags=[trackside.Tag(key, value) for key, value in tags.items()])


@pytest.fixture
def pair(workspace: Path) -> Pair:
    return Pair()


@pytest.mark.parametrize("name", ["diff.read", "diff.choices", "diff.cells"])
def test_an_examples_request_is_answered_with_its_reply(pair: Pair, name: str) -> None:
    """R5.3: cells, params, metrics and environment as they travel, markup and infinities included."""
    example = read_example(f"diff/{name}")
    message = answer(pair.with_ids(example["request"]), run_requests.HANDLERS)
    assert pair.named(message) == example["reply"]
    assert message.buffers == example["buffers"]


def test_a_difference_opens_as_a_view_of_which_there_is_one(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """R5.3, R11.3"""
    example = read_example("diff/diff.open")
    first, second = (answer(pair.with_ids(example["request"]), run_requests.HANDLERS).content for _ in range(2))
    view = diff_view.find_view(pair.parent, pair.later)
    assert first["reply"] == second["reply"] == {"model_id": view.model_id}
    assert first["reply"].keys() == example["reply"]["reply"].keys()
    assert (view.view, view.before, view.after) == ("diff", pair.parent, pair.later)
    told: list[object] = []
    monkeypatch.setattr(view, "send", lambda content, *_: told.append(content))
    answer(pair.with_ids(example["request"]), run_requests.HANDLERS)
    assert told == [read_example("diff/diff.stale")["push"]]
    view.close()
    other = diff_view.find_view(pair.parent, pair.later)
    assert other is not view
    other.close()
    shown = trackside.diff_view(pair.parent)
    assert shown.after == ""
    assert shown.refresh()
    shown.close()
    with pytest.raises(RunNotFoundError):
        trackside.diff_view(pair.parent, "missing")


def test_sources_that_are_too_long_to_travel_are_left_out_and_it_is_said(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad input: notebooks with megabytes of text in their cells."""
    monkeypatch.setattr(diff_requests, "MAX_TEXT", 8)
    found = answer(read(pair), run_requests.HANDLERS).content["reply"]["difference"]["cells"]
    assert [(cell["source"], cell["lines"], cell["cut"]) for cell in found] == [("fit()", [], False), ("", [], True)]


def test_what_differs_has_room_before_what_is_the_same(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """R5.3: a change at the end of a large notebook is shown."""
    monkeypatch.setattr(diff_requests, "MAX_TEXT", len("late = 1"))
    cells = [*({**cell, "attachments": None} for cell in NOTEBOOK["cells"]), code_cell("late = 1")]  # type: ignore[attr-defined]
    asked = {**read(pair), "data": {"before": pair.parent, "after": "", "path": "w.ipynb", "cells": cells, "key": ""}}
    found = answer(asked, run_requests.HANDLERS).content["reply"]["difference"]["cells"]
    assert [cell["source"] for cell in found if not cell["cut"]] == ["late = 1"]


def test_a_notebook_comes_in_several_messages_where_one_cannot_carry_it(pair: Pair) -> None:
    """R5.3: edits that were never run are compared however long the notebook is."""
    cells = [{**cell, "attachments": None} for cell in NOTEBOOK["cells"]]  # type: ignore[attr-defined]
    pieces = [cells[:1], [*cells[1:], code_cell("edited = 1")], [code_cell("also = 2")]]
    for piece in pieces[:-1]:
        ask = {"id": "page:1", "kind": "diff.cells", "data": {"key": "k", "cells": piece}}
        assert answer(ask, run_requests.HANDLERS).content["reply"] == {}
    now = {"after": "", "path": "w.ipynb", "cells": pieces[-1], "key": "k"}
    asked = {**read(pair), "data": {"before": pair.parent, **now}}
    found = answer(asked, run_requests.HANDLERS).content["reply"]["difference"]["cells"]
    assert [cell["source"] for cell in found if cell["kind"] == "added"] == ["edited = 1", "also = 2"]
    assert not [cell for cell in found if cell["kind"] == "removed"]
    assert answer(asked, run_requests.HANDLERS).content["fault"]["code"] == "NotFound"


def code_cell(source: str) -> dict[str, Any]:
    return {"id": source[:4], "cell_type": "code", "source": source, "metadata": {}, "attachments": {}}


def read(pair: Pair) -> dict[str, Any]:
    return {"id": "page:1", "kind": "diff.read", "data": {"before": pair.parent, "after": pair.later, **NOWHERE}}
