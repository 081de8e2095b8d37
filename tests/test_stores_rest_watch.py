"""Counting the runs on a server, and noticing that somebody changed them."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from trackside.stores import _rest_watch
from trackside.stores._http import Server
from trackside.stores._rest_count import Look, count_rows, offset_token, read_offset
from trackside.stores._rest_watch import ChangeWatch

from .servers import Answer, SmallServer

API = "/api/2.0/mlflow/"


# Counting


def listed(count: int, asked: list[tuple[int, int]] | None = None) -> Look:
    """A server that lists ``count`` rows."""

    def look(token: str | None, size: int) -> tuple[int, str | None]:
        first = read_offset(token) if token else 0
        assert first is not None
        if asked is not None:
            asked.append((first, size))
        last = min(first + size, count)
        return max(0, last - first), offset_token(last) if last < count else None

    return look


@pytest.mark.parametrize("guess", [None, 0, 1, 2, 31, 32, 33, 500, 100_000])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 32, 33, 64, 65, 499, 500, 501, 12_345])
def test_rows_are_counted_exactly_whatever_was_there_before(count: int, guess: int | None) -> None:
    assert count_rows(listed(count), guess) == count


def test_counting_asks_for_few_rows() -> None:
    asked: list[tuple[int, int]] = []
    assert count_rows(listed(100_000, asked), None) == 100_000
    assert len(asked) < 40
    assert sum(size for _, size in asked) < 80
    asked.clear()
    assert count_rows(listed(100_000, asked), 100_000) == 100_000
    assert len(asked) == 2


def test_a_server_with_tokens_of_its_own_is_counted_page_by_page() -> None:
    pages = {None: (1, "a"), "a": (1000, "b"), "b": (234, "b")}
    assert count_rows(lambda token, _: pages[token], 77) == 1235


@pytest.mark.parametrize("text", ["7", '{"offset": "1"}', '{"offset": true}', '{"offset": 1, "more": 2}', "[]", "{"])
def test_a_token_of_another_form_is_not_misread(text: str) -> None:
    assert read_offset(text) is None
    assert read_offset(base64.b64encode(text.encode()).decode()) is None


# Watching


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(small_server: SmallServer, clock: Clock) -> Iterator[ChangeWatch]:
    server = Server(small_server.url)
    yield ChangeWatch(server, clock=clock)
    server.close()


def test_the_server_is_asked_for_changes_at_most_once_a_second(
    small_server: SmallServer, watch: ChangeWatch, clock: Clock
) -> None:
    small_server.answers[f"{API}experiments/search"] = [Answer(200, {"n": 1}), Answer(200, {"n": 2})]
    first = watch.token()
    assert [watch.token() for _ in range(50)] == [first] * 50
    assert len(small_server.requests) == 1
    clock.now += 1.01
    assert watch.token() != first
    assert len(small_server.requests) == 2


def test_only_experiments_that_somebody_looks_at_are_watched(
    small_server: SmallServer, watch: ChangeWatch, clock: Clock
) -> None:
    small_server.answers = {f"{API}{what}/search": [Answer()] for what in ("experiments", "runs")}
    watch.follow(str(number) for number in range(30))
    watch.token()
    asked = small_server.asked(f"{API}runs/search")
    assert [request.json["experiment_ids"] for request in asked] == [[str(n) for n in range(10, 30)]] * 2
    clock.now += 3600
    watch.follow(["5"])
    watch.token()
    assert small_server.requests[-1].json["experiment_ids"] == ["5"]


class SlowClock(Clock):
    """Each look takes a second."""

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_nobody_waits_for_a_server_that_is_slow_to_say_what_changed(small_server: SmallServer) -> None:
    """R4.1: after a slow look the next one is taken beside; its answer is a change when it has come."""
    gate, path = threading.Event(), f"{API}experiments/search"
    server = Server(small_server.url)
    slow = ChangeWatch(server, clock=SlowClock())
    small_server.answers[path] = [Answer(200, {"n": 1}), Answer(200, {"n": 2}, after=gate)]
    first = slow.token()
    while len(small_server.requests) < 2:
        assert slow.token() == first
        time.sleep(0.01)
    gate.set()
    while slow.token() == first:
        time.sleep(0.01)
    server.close()


def test_own_writes_are_seen_at_once(small_server: SmallServer, watch: ChangeWatch) -> None:
    small_server.answers[f"{API}experiments/search"] = [Answer()]
    first = watch.token()
    watch.wrote()
    assert watch.token() != first
    assert len(small_server.requests) == 1


def test_a_server_that_goes_away_is_one_change_and_its_return_another(
    small_server: SmallServer, watch: ChangeWatch, clock: Clock
) -> None:
    """R2.5: while a server is away it is asked less and less often."""
    path = f"{API}experiments/search"
    small_server.answers[path] = [Answer()]
    there = watch.token()
    small_server.answers[path] = [Answer(never=True)]
    asked_at, tokens = [], []
    for _ in range(200):
        clock.now += 1
        before = len(small_server.requests)
        tokens.append(watch.token())
        if len(small_server.requests) > before:
            asked_at.append(clock.now)
    assert len({there, *tokens}) == 2
    waits = [later - earlier for earlier, later in pairwise(asked_at)]
    assert waits[:4] == [2, 4, 8, 16]
    assert set(waits[4:]) == {_rest_watch.LONGEST_INTERVAL_S}
    small_server.answers[path] = [Answer()]
    clock.now += _rest_watch.LONGEST_INTERVAL_S
    assert watch.token() == there


def test_a_slow_server_is_asked_less_often(clock: Clock) -> None:
    class SlowServer:
        asked = 0

        def ask_raw(self, _: object) -> bytes:
            self.asked += 1
            clock.now += 2
            return b"{}"

    server = SlowServer()
    watch = ChangeWatch(server, clock=clock)
    watch.token()
    clock.now += 19.9
    watch.token()
    assert server.asked == 1
    clock.now += 0.2
    watch.token()
    assert server.asked == 2
