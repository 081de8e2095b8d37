"""Whoever answers a person while a cell computes gets turns more often, and nobody notices it afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trackside.widgets.sidebar import Panel
from trackside.widgets.turns import TURN_S, quick_turns

if TYPE_CHECKING:
    from trackside.widgets.bridge import Buffers, Request

USUAL_S = 0.004


def about(interval_s: float) -> object:
    """Python keeps whole microseconds."""
    return pytest.approx(interval_s, abs=2e-6)


@pytest.fixture(autouse=True)
def interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL_S)
    yield
    sys.setswitchinterval(before)


def test_turns_are_short_until_the_last_answer_is_given() -> None:
    first, second = quick_turns(), quick_turns()
    for turns in (first, second):
        turns.__enter__()
        assert sys.getswitchinterval() == about(TURN_S)
    thread = threading.Thread(target=first.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert sys.getswitchinterval() == about(TURN_S)
    second.__exit__(None, None, None)
    assert sys.getswitchinterval() == about(USUAL_S)


def test_what_the_user_sets_is_kept() -> None:
    sys.setswitchinterval(TURN_S / 5)
    with quick_turns():
        assert sys.getswitchinterval() == about(TURN_S / 5)
    assert sys.getswitchinterval() == about(TURN_S / 5)
    with quick_turns():
        sys.setswitchinterval(0.02)
    assert sys.getswitchinterval() == about(0.02)


def test_turns_do_not_become_shorter_answer_by_answer() -> None:
    for interval_s in (0.005, 0.0033, 0.0007, 0.00037):
        sys.setswitchinterval(interval_s)
        for _ in range(20):
            with quick_turns():
                pass
        assert sys.getswitchinterval() == about(interval_s)


def test_turns_are_as_usual_after_a_fault() -> None:
    with pytest.raises(ZeroDivisionError), quick_turns():
        _ = 1 / 0
    assert sys.getswitchinterval() == about(USUAL_S)


FORK = """
import os, sys
from trackside.widgets.turns import quick_turns
sys.setswitchinterval(0.004)
with quick_turns():
    child = os.fork()
    if child == 0:
        with quick_turns():
            pass
        os._exit(0 if abs(sys.getswitchinterval() - 0.004) < 2e-6 else 1)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_has_its_usual_turns() -> None:
    assert subprocess.run([sys.executable, "-c", FORK], check=False, timeout=240).returncode == 0


def test_requests_are_answered_in_short_turns(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.1: an action is answered while a cell runs a Python loop."""
    seen: list[float] = []

    def look(_request: Request, _buffers: Buffers) -> dict[str, Any]:
        seen.append(sys.getswitchinterval())
        return {}

    panel = Panel()
    monkeypatch.setitem(panel._handlers, "experiments.list", look)
    panel._receive(panel, {"id": "page:1", "kind": "experiments.list", "data": {}}, [])
    panel.close()
    assert seen == [about(TURN_S)]
