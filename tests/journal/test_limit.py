"""The limit of what waits on this machine: reached, it is said, and nothing that was acknowledged is lost."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest

from trackside.errors import StoreUnreachableError
from trackside.stores import journaled
from trackside.stores.journaled import JournaledStore

from .world import Flaky, new_run, point, points_in


@pytest.fixture
def small(path: Path, monkeypatch: pytest.MonkeyPatch) -> JournaledStore:
    """A store that is about to go away, and for which only a kilobyte may wait."""
    monkeypatch.setenv("TRACKSIDE_OUTBOX_LIMIT", "0.001")
    monkeypatch.setattr(journaled, "_said", set())
    return JournaledStore(Flaky(path))


def takes(store: JournaledStore, run_id: str, step: int) -> bool:
    try:
        store.log_batch(run_id, metrics=[point(step)])
    except StoreUnreachableError:
        return False
    return True


def test_what_is_more_than_may_wait_is_refused_at_the_call(
    small: JournaledStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """R7.3: what was acknowledged before is delivered when the store is back, and then there is space again."""
    run_id = new_run(small).info.run_id
    small.log_batch(run_id, metrics=[point(0)])
    small.flush()
    small.behind.is_gone = True  # type: ignore[attr-defined]
    taken = 1 + sum(1 for _ in takewhile(lambda step: takes(small, run_id, step), range(1, 1000)))
    with pytest.raises(StoreUnreachableError, match="does not answer"):
        small.log_batch(run_id, metrics=[point(taken)])
    assert 10 < taken < 100
    assert "more than the 0.001 MB that TRACKSIDE_OUTBOX_LIMIT allows wait already" in caplog.text
    small.behind.is_gone = False  # type: ignore[attr-defined]
    small.flush()
    small.log_batch(run_id, metrics=[point(2000)])
    small.close()
    assert points_in(path, run_id) == taken + 1


def test_files_that_wait_count(small: JournaledStore) -> None:
    """R7.3"""
    run_id = new_run(small).info.run_id
    small.behind.is_gone = True  # type: ignore[attr-defined]
    small.artifacts(run_id).write_bytes("large.bin", bytes(2000))
    with pytest.raises(StoreUnreachableError, match="TRACKSIDE_OUTBOX_LIMIT"):
        small.artifacts(run_id).write_bytes("one more.bin", b"x")
    small.behind.is_gone = False  # type: ignore[attr-defined]
    small.flush()
    small.artifacts(run_id).write_bytes("one more.bin", b"x")
    assert small.behind.artifacts(run_id).read_bytes("large.bin") == bytes(2000)
    small.close()
