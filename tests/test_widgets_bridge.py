"""A request that cannot be answered is told so, whatever is wrong with it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from trackside.errors import RunNotFoundError
from trackside.widgets.bridge import Buffers, Request, answer

RENAME = {"run_id": "r", "name": "n"}


def do_nothing(_request: Request, _buffers: Buffers) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, "an object with an id"),
        ([], "an object with an id"),
        ({"kind": "run.rename", "data": RENAME}, "an object with an id"),
        ({"id": 7, "kind": "run.rename", "data": RENAME}, "an object with an id"),
        ({"id": "1", "data": RENAME}, "no request None"),
        ({"id": "1", "kind": "run.explode", "data": {}}, "no request 'run.explode'"),
        ({"id": "1", "kind": ["run.rename"], "data": {}}, "no request"),
        ({"id": "1", "kind": "run.rename"}, "data of run.rename"),
        ({"id": "1", "kind": "run.rename", "data": {"run_id": "r"}}, "'name' of run.rename must be of type str"),
        ({"id": "1", "kind": "runs.purge", "data": {"run_ids": [], "dry_run": 1}}, "'dry_run'"),
        ({"id": "1", "kind": "runs.watch", "data": {"query": "9" * 1000, "window": {}, "open": []}}, "'query'"),
    ],
)
def test_an_ill_formed_request_gets_a_fault(message: object, said: str) -> None:
    reply = answer(message, {"run.rename": do_nothing, "runs.watch": do_nothing}).content
    expected_id = message["id"] if isinstance(message, dict) and isinstance(message.get("id"), str) else ""
    assert reply["id"] == expected_id
    assert reply["fault"]["code"] == "InvalidValue"
    assert said in reply["fault"]["message"]
    assert len(reply["fault"]["message"]) < 300


def test_an_error_of_tracksides_keeps_its_code_message_and_hint() -> None:
    def fail(_request: Request, _buffers: Buffers) -> dict[str, Any]:
        raise RunNotFoundError("there is no run 'r'", hint="Refresh.")

    reply = answer({"id": "1", "kind": "run.rename", "data": RENAME}, {"run.rename": fail})
    assert reply.content == {
        "id": "1",
        "fault": {"code": "RunNotFound", "message": "there is no run 'r'", "hint": "Refresh."},
    }


def test_any_other_error_is_one_line_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_request: Request, buffers: Buffers) -> dict[str, Any]:
        buffers.add(b"half")
        raise RuntimeError("first line\nsecond line")

    with caplog.at_level(logging.ERROR, logger="trackside"):
        reply = answer({"id": "1", "kind": "run.rename", "data": RENAME}, {"run.rename": fail})
    assert reply.content["fault"]["code"] == "Internal"
    assert reply.content["fault"]["message"] == "RuntimeError: first line"
    assert reply.buffers == []
    assert "second line" in caplog.text


def test_requests_of_one_page_share_their_client() -> None:
    assert Request("page:12", "run.rename", {}).client == Request("page:13", "run.rename", {}).client == "page"


def test_numbers_are_little_endian_columns() -> None:
    buffers = Buffers()
    assert [buffers.add_float64([1.0, -2.5]), buffers.add_uint8([1, 0])] == [0, 1]
    assert buffers.parts == [bytes.fromhex("000000000000f03f00000000000004c0"), b"\x01\x00"]
