"""What front ends tell of the live notebook, and messages that are not as they should be."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from trackside.errors import InvalidValueError
from trackside.notebook import live
from trackside.notebook.live import FrontEnds, merge


def message(path: str = "n.ipynb", *, order: Any = None, scheduled: Any = (), **cells: str) -> dict[str, Any]:
    return {
        "kind": "notebook.sync",
        "path": path,
        "notebook_id": None,
        "metadata": {},
        "order": list(cells) if order is None else order,
        "cells": {key: {"cell_type": "code", "source": source, "metadata": {}} for key, source in cells.items()},
        "scheduled": list(scheduled),
    }


def sources(front_ends: FrontEnds, cell_id: str | None = None) -> list[str]:
    found = front_ends.find(cell_id)
    return [] if found is None else [cell["source"] for cell in found.content().cells]


def test_only_changed_cells_travel() -> None:
    front_ends = FrontEnds()
    front_ends.sync(message(a="1", b="2", c="3"), "")
    front_ends.sync(message(b="changed", order=["c", "b"]), "")
    assert sources(front_ends) == ["3", "changed"]


def test_a_cell_that_was_announced_but_never_sent_is_left_out() -> None:
    front_ends = FrontEnds()
    front_ends.sync(message(a="1", order=["a", "lost"]), "")
    assert sources(front_ends) == ["1"]


def test_the_front_end_whose_cells_run_is_the_one_that_counts() -> None:
    """Two notebooks may share one kernel."""
    front_ends = FrontEnds()
    front_ends.sync(message("one.ipynb", a="1"), "one")
    front_ends.sync(message("two.ipynb", b="2"), "two")
    assert sources(front_ends) == ["1"]
    assert sources(front_ends, "b") == ["2"]
    front_ends.sync(message("two.ipynb", b="2", scheduled=["b"]), "two")
    assert sources(front_ends) == ["2"]


def test_when_one_of_two_panels_closes_the_other_stays() -> None:
    front_ends = FrontEnds()
    front_ends.sync(message(a="1"), "one")
    front_ends.sync(message(a="1"), "two")
    front_ends.close("one")
    assert sources(front_ends) == ["1"]
    front_ends.close("two")
    front_ends.close("two")
    assert front_ends.find(None) is None


def test_a_wait_ends_at_once_when_the_last_front_end_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WAIT_S", 3600)
    front_ends = FrontEnds()
    front_ends.sync(message(a="1"), "one")
    waiter = threading.Thread(target=front_ends.wait_for, args=("a",))
    waiter.start()
    front_ends.close("one")
    waiter.join()


def test_each_announcement_serves_one_execution() -> None:
    front_ends = FrontEnds()
    front_ends.sync(message(a="1", scheduled=["a", "a"]), "")
    front_ends.cell_ended("a", failed=False)
    assert front_ends._announced["a"] == 1
    front_ends.cell_ended("a", failed=False)
    assert front_ends._announced["a"] == 0


def test_after_a_failed_cell_the_queue_is_empty() -> None:
    front_ends = FrontEnds()
    front_ends.sync(message(a="1", b="2", scheduled=["a", "b"]), "")
    front_ends.cell_ended("a", failed=True)
    assert front_ends._announced["b"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"path": None},
        {"order": "abc"},
        {"order": [1]},
        {"cells": []},
        {"cells": {"a": "text"}},
        {"cells": {"a": {"source": "x"}}},
        {"cells": {"a": {"cell_type": "code", "source": "x", "metadata": 3}}},
        {"metadata": None},
        {"notebook_id": 3},
        {"scheduled": None},
        {"scheduled": [None]},
    ],
)
def test_a_malformed_message_is_refused_and_changes_nothing(changes: dict[str, Any]) -> None:
    front_ends = FrontEnds()
    front_ends.sync(message(a="1"), "")
    with pytest.raises(InvalidValueError, match=r"notebook\.sync"):
        front_ends.sync({**message(a="2"), **changes}, "")
    assert sources(front_ends) == ["1"]


def test_a_source_in_lines_is_taken_as_one_text() -> None:
    lines = {"a": {"cell_type": "code", "source": ["x\n", "y"], "metadata": {}}}
    assert merge(None, {**message(order=["a"]), "cells": lines}).content().cells[0]["source"] == "x\ny"
