"""Requests to a server: what is sent again, and what is said when a server misbehaves."""

from __future__ import annotations

import os
import threading
import time
from email.utils import formatdate

import pytest

from trackside.errors import (
    InvalidValueError,
    NotAuthorizedError,
    StoreBusyError,
    StoreRefusedError,
    StoreUnreachableError,
    TracksideError,
)
from trackside.stores._http import Call, Server

from .http_client import ASK, PATH, pauses, server
from .ports import LOCALHOST, silent_port
from .servers import Answer, SmallServer

__all__ = ["pauses", "server"]

CREATE = Call("POST", PATH, json={"name": "wine"}, harmless=False)
SEARCH = Call("POST", PATH, json={"filter": ""})
HTML = b"<!doctype html><title>Sign in</title>" + b"x" * 500
WHEN_BUSY = {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "slow down"}


# Repeats


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_harmless_request_is_sent_again(
    small_server: SmallServer, server: Server, pauses: list[float], status: int
) -> None:
    small_server.answers[PATH] = [Answer(status, b"oh"), Answer(status, b"no"), Answer(200, {"fine": 1})]
    assert server.ask(SEARCH) == {"fine": 1}
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize(("status", "requests"), [(408, 4), (429, 4), (500, 1), (502, 1), (503, 1), (504, 1)])
def test_a_request_that_may_have_been_carried_out_is_not_sent_again(
    small_server: SmallServer, server: Server, status: int, requests: int
) -> None:
    small_server.answers[PATH] = [Answer(status, b"oh")]
    with pytest.raises(TracksideError):
        server.ask(CREATE)
    assert len(small_server.requests) == requests


@pytest.mark.parametrize(("call", "requests"), [(SEARCH, 4), (CREATE, 1)])
def test_a_lost_connection_is_followed_by_another_only_where_that_is_harmless(
    small_server: SmallServer, server: Server, call: Call, requests: int
) -> None:
    small_server.answers[PATH] = [Answer(never=True)]
    with pytest.raises(StoreUnreachableError, match="lost the connection") as failure:
        server.ask(call)
    assert len(small_server.requests) == requests
    assert ("may have been carried out" in failure.value.hint) is (call is CREATE)


@pytest.mark.parametrize("call", [SEARCH, CREATE])
def test_a_refused_connection_is_tried_again_and_named(no_settings: None, pauses: list[float], call: Call) -> None:
    with silent_port() as port:
        server = Server(f"http://{LOCALHOST}:{port}", pause=pauses.append)
        with pytest.raises(StoreUnreachableError, match=r"POST http://127\.0\.0\.1.*refused") as failure:
            server.ask(call)
    assert pauses == [0.5, 1.0, 2.0]
    assert "Does the server run" in failure.value.hint
    assert "object at 0x" not in str(failure.value)


def test_an_unknown_host_is_named(no_settings: None, pauses: list[float]) -> None:
    with pytest.raises(StoreUnreachableError, match=r"no-such-host\.invalid"):
        Server("http://no-such-host.invalid", pause=pauses.append).ask(ASK)


@pytest.mark.parametrize(("after", "pause"), [("7", 7.0), ("0", 0.0), ("soon", 0.5)])
def test_a_busy_server_says_how_long_to_wait(
    small_server: SmallServer, server: Server, pauses: list[float], after: str, pause: float
) -> None:
    """R2.5: 429 with Retry-After is respected."""
    small_server.answers[PATH] = [Answer(429, WHEN_BUSY, {"Retry-After": after}), Answer()]
    server.ask(CREATE)
    assert pauses == [pause]


def test_a_busy_server_says_until_when_to_wait(small_server: SmallServer, server: Server, pauses: list[float]) -> None:
    then = formatdate(time.time() + 20, usegmt=True)
    small_server.answers[PATH] = [Answer(429, WHEN_BUSY, {"Retry-After": then}), Answer()]
    server.ask(ASK)
    assert 15 < pauses[0] <= 20


def test_a_server_that_asks_for_a_long_wait_is_given_up(
    small_server: SmallServer, server: Server, pauses: list[float]
) -> None:
    small_server.answers[PATH] = [Answer(429, WHEN_BUSY, {"Retry-After": "3600"})]
    with pytest.raises(StoreBusyError, match="slow down"):
        server.ask(ASK)
    assert pauses == []


def test_a_server_that_stays_silent_is_left(
    monkeypatch: pytest.MonkeyPatch, small_server: SmallServer, server: Server, pauses: list[float]
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "0.2")
    end = threading.Event()
    small_server.answers[PATH] = [Answer(after=end)]
    with pytest.raises(StoreUnreachableError, match="no answer in time") as failure:
        server.ask(ASK)
    end.set()
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" in failure.value.hint
    assert pauses == []


def test_nothing_is_sent_again_where_the_settings_say_so(
    monkeypatch: pytest.MonkeyPatch, small_server: SmallServer, server: Server
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    small_server.answers[PATH] = [Answer(500, b"oh")]
    with pytest.raises(StoreUnreachableError):
        server.ask(ASK)
    assert len(small_server.requests) == 1


def test_a_refusal_with_status_500_is_not_sent_again(small_server: SmallServer, server: Server) -> None:
    refusal = {"error_code": "INVALID_STATE", "message": "Cannot rename a non-active experiment."}
    small_server.answers[PATH] = [Answer(500, refusal)]
    with pytest.raises(StoreRefusedError, match="INVALID_STATE: Cannot rename") as error:
        server.ask(ASK)
    assert (error.value.error_code, len(small_server.requests)) == ("INVALID_STATE", 1)


# Servers that misbehave


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (HTML, "a web page: <!doctype html>"),
        (b"", "an empty body"),
        (b"  \n", "an empty body"),
        (b'{"run": {"info"', '{"run": {"info"'),
        (b"[1, 2]", "what no tracking server sends: [1, 2]"),
        (b"\xff\xfe\x00 \x1b[31m", "what no tracking server sends"),
    ],
)
def test_an_answer_that_is_no_answer_is_shown(
    small_server: SmallServer, server: Server, body: bytes, said: str
) -> None:
    small_server.answers[PATH] = [Answer(200, body)]
    with pytest.raises(StoreUnreachableError) as failure:
        server.ask(ASK)
    message = failure.value.message
    assert said in message
    assert f"GET {small_server.url}{PATH}" in message
    assert message.isprintable()
    assert len(message) < 400
    assert "address of an MLflow server" in failure.value.hint


@pytest.mark.parametrize(("status", "kind"), [(500, StoreUnreachableError), (503, StoreBusyError)])
@pytest.mark.parametrize("body", [HTML, b"", b'{"half'])
def test_a_failing_server_is_quoted(
    small_server: SmallServer, server: Server, status: int, kind: type[TracksideError], body: bytes
) -> None:
    small_server.answers[PATH] = [Answer(status, body)]
    with pytest.raises(kind, match=rf"GET {small_server.url}{PATH} was answered {status}") as failure:
        server.ask(ASK)
    assert len(failure.value.message) < 400
    assert failure.value.hint


def test_half_an_answer_is_asked_for_again(small_server: SmallServer, server: Server, pauses: list[float]) -> None:
    small_server.answers[PATH] = [Answer(200, {"whole": True}, cut=4), Answer(200, {"whole": True})]
    assert server.ask(ASK) == {"whole": True}
    assert len(pauses) == 1


def test_an_address_where_something_else_lives_is_named(small_server: SmallServer, server: Server) -> None:
    with pytest.raises(StoreUnreachableError, match="404") as failure:
        server.ask(ASK)
    assert "with its whole path" in failure.value.hint


def test_redirects_in_circles_end(small_server: SmallServer, server: Server) -> None:
    small_server.answers[PATH] = [Answer(302, b"", {"Location": PATH})]
    with pytest.raises(StoreUnreachableError, match="in circles"):
        server.ask(ASK)
    assert len(small_server.requests) < 10


@pytest.mark.parametrize(("status", "arrives"), [(301, False), (302, False), (307, True), (308, True)])
def test_what_is_written_is_not_lost_in_a_redirect(
    small_server: SmallServer, server: Server, status: int, arrives: bool
) -> None:
    small_server.answers[PATH] = [Answer(status, b"", {"Location": "/there"})]
    small_server.answers["/there"] = [Answer()]
    if arrives:
        server.ask(CREATE)
        assert small_server.requests[-1].json == {"name": "wine"}
    else:
        with pytest.raises(StoreUnreachableError, match="/there in a way that loses what was to be written"):
            server.ask(CREATE)


def test_a_host_check_of_the_server_is_explained(small_server: SmallServer, server: Server) -> None:
    body = b"Invalid Host header - possible DNS rebinding attack detected"
    small_server.answers[PATH] = [Answer(403, body)]
    with pytest.raises(NotAuthorizedError) as failure:
        server.ask(ASK)
    assert "--allowed-hosts" in failure.value.hint


def test_text_that_is_no_unicode_is_refused(server: Server) -> None:
    with pytest.raises(InvalidValueError, match="not valid Unicode"):
        server.ask(Call("POST", PATH, json={"name": "\ud800"}))
    with pytest.raises(InvalidValueError, match="not valid Unicode"):
        server.ask(Call("GET", PATH, query={"name": "\ud800"}))


# Processes and threads


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_uses_connections_of_its_own(small_server: SmallServer, server: Server) -> None:
    small_server.answers[PATH] = [Answer(200, {"who": "parent"}), Answer(200, {"who": "child"}), Answer(200, {"n": 3})]
    assert server.ask(ASK) == {"who": "parent"}
    child = os.fork()
    if child == 0:
        os._exit(0 if server.ask(ASK) == {"who": "child"} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert server.ask(ASK) == {"n": 3}


def test_connections_are_kept_and_open_again_after_closing(small_server: SmallServer, server: Server) -> None:
    small_server.answers[PATH] = [Answer()]
    for _ in range(3):
        server.ask(ASK)
    server.close()
    server.close()
    assert server.ask(ASK) == {}
