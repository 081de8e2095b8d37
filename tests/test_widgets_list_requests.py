"""What the list asks for besides runs, on a real store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.widgets.bridge import answer
from trackside.widgets.context import read_context
from trackside.widgets.list_requests import ListRequests

if TYPE_CHECKING:
    from pathlib import Path

QUERY: dict[str, Any] = {"filter": "", "order": [], "state": "active", "experiments": None}


@pytest.fixture
def requests(workspace: Path) -> ListRequests:
    return ListRequests(read_context)


def ask(requests: ListRequests, kind: str, **data: Any) -> dict[str, Any]:
    content = answer({"id": "page:1", "kind": kind, "data": data}, requests.handlers).content
    return content.get("reply") or content


def test_names_and_values_are_those_of_the_experiments_that_are_listed(requests: ListRequests) -> None:
    """R8.1: most frequent first, tags that people set only."""
    assert ask(requests, "names.list", query=QUERY) == {"metrics": [], "params": [], "tags": []}
    for number in range(3):
        with trackside.start_run(tags={"color": "red" if number else "blue"}):
            trackside.log_params({"always": 1} | ({"once": 2} if number == 0 else {}))
    other = trackside.create_experiment("other")
    with trackside.start_run(experiment_id=other):
        trackside.log_param("elsewhere", 1)
    fresh = ListRequests(read_context)
    assert ask(fresh, "names.list", query=QUERY)["params"] == ["params.always", "params.once"]
    assert ask(fresh, "names.list", query=QUERY)["tags"] == ["tags.color"]
    there = {**QUERY, "experiments": [other]}
    assert ask(fresh, "names.list", query=there)["params"] == ["params.elsewhere"]
    found = ask(fresh, "filter.help", filter="tags.color = '🌲' OR tags.color = ", caret=34, query=QUERY)
    assert [option["text"] for option in found["options"]] == ["'red'", "'blue'"]
    assert (found["start"], found["fault"]["position"]) == (34, 34)


def test_experiments_come_with_their_notebooks_those_that_changed_last_first(requests: ListRequests) -> None:
    """R2.1"""
    first, second = trackside.create_experiment("first"), trackside.create_experiment("second")
    found = ask(requests, "experiments.list")["experiments"]
    assert {experiment["id"]: experiment["name"] for experiment in found}.items() >= {
        (first, "first"),
        (second, "second"),
    }
    assert found[0]["time"] >= found[-1]["time"]


def test_the_store_is_changed_when_it_can_be_read_and_else_stays(requests: ListRequests, workspace: Path) -> None:
    """R2.5: the same as trackside.set_tracking_uri."""
    before = trackside.get_tracking_uri()
    (workspace / "broken.db").write_bytes(b"PK\x03\x04" * 1000)
    for uri in ("carrier-pigeon://loft", f"sqlite:///{workspace}/broken.db"):
        assert "fault" in ask(requests, "store.set", uri=uri)
        assert trackside.get_tracking_uri() == before
    answer({"id": "1", "kind": "store.set", "data": {"uri": f" sqlite:///{workspace}/b.db "}}, requests.handlers)
    assert trackside.get_tracking_uri().endswith("/b.db")
    answer({"id": "1", "kind": "store.set", "data": {"uri": ""}}, requests.handlers)
    assert trackside.get_tracking_uri() == before
