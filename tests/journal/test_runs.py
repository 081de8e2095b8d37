"""Runs that are started while the store is away: made once when it is back, with all that was logged to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackside.entities import Metric, Param, RunStatus, Tag
from trackside.errors import InvalidValueError, ParamChangedError, RunNotFoundError, StoreUnreachableError
from trackside.stores.base import RunQuery
from trackside.stores.journal import journal_folder
from trackside.stores.journaled import JournaledStore
from trackside.stores.postponed import OUTBOX_TAG, is_postponed
from trackside.stores.records import ExperimentWanted, NewRun
from trackside.stores.sqlite import SqliteStore

from ..processes import Program
from .world import Flaky, new_run, point, wait_until

AWAY = """
    import sys
    from pathlib import Path
    from trackside.stores.journaled import JournaledStore
    from trackside.entities import Metric
    from trackside.stores.sqlite import SqliteStore
    from trackside.errors import StoreUnreachableError
    store = JournaledStore(SqliteStore(Path(sys.argv[1])))
    def gone(*_, **__): raise StoreUnreachableError("gone")
    store.behind.create_run = store.behind.artifacts = store.behind.search_runs = gone
    run_id = store.create_run("0", run_name="r", user_id="ada", start_time=1).info.run_id
    for step in range(1000):
        store.log_batch(run_id, metrics=[Metric("loss", step, step, step)])
    store.artifacts(run_id).write_bytes("a.txt", b"kept")
    print(run_id, flush=True)
"""


@pytest.fixture
def inner(path: Path) -> Flaky:
    SqliteStore(path).create_experiment("wine")
    return Flaky(path)


def everything_there(store: JournaledStore) -> bool:
    """Whether all was delivered, and the next run does not wait either."""
    return store.waiting().count == 0 and not store.is_away


def test_a_run_that_starts_while_the_store_is_away_is_made_when_it_is_back(
    store: JournaledStore, inner: Flaky, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inner.is_gone = True
    run = store.create_run("1", run_name="swift-otter", user_id="ada", start_time=5, tags={"color": "blue"})
    run_id = run.info.run_id
    assert is_postponed(run_id)
    assert (run.info.run_name, run.info.status) == ("swift-otter", RunStatus.RUNNING)
    store.log_batch(run_id, metrics=[point(2), point(1)], params=[Param("lr", "1")], tags=[Tag("size", "5")])
    store.artifacts(run_id).write_bytes("a/b.txt", b"one")
    with pytest.raises(ParamChangedError):
        store.log_batch(run_id, params=[Param("lr", "2")])
    with pytest.raises(InvalidValueError):
        store.create_run("1", run_name="", user_id="ada", start_time=5)
    store.delete_tag(run_id, "size")
    store.update_run(run_id, status=RunStatus.FINISHED, end_time=9)
    seen = store.get_run(run_id)  # the notebook that started it sees it
    assert (seen.info.status, seen.info.end_time, seen.data.params) == (RunStatus.FINISHED, 9, {"lr": "1"})
    assert (seen.data.metrics, "size" in seen.data.tags) == ({"loss": 1.0}, False)
    assert [metric.step for metric in store.metric_history(run_id, "loss")] == [1, 2]
    assert "is kept on this machine" in caplog.text
    inner.is_gone = False
    wait_until(lambda: everything_there(store))
    (made,) = SqliteStore(path).search_runs(RunQuery(("1",)))
    assert (made.info.run_name, made.info.status, made.info.start_time) == ("swift-otter", RunStatus.FINISHED, 5)
    assert (made.data.params, made.data.tags["color"], made.data.tags[OUTBOX_TAG]) == ({"lr": "1"}, "blue", run_id)
    assert store.get_run(run_id) == made  # and its id holds in this process
    store.log_batch(run_id, metrics=[point(3)])
    assert len(store.metric_history(run_id, "loss")) == 3
    assert store.artifacts(run_id).read_bytes("a/b.txt") == b"one"
    assert store.create_run("1", run_name="next", user_id="ada", start_time=6).info.experiment_id == "1"
    store.close()
    assert list(journal_folder(store.uri).glob("*")) == []
    assert JournaledStore(SqliteStore(path)).get_run(run_id).info.run_id == made.info.run_id  # by its tag


def test_children_of_a_run_that_waits_are_nested_in_the_run_that_is_made(
    store: JournaledStore, inner: Flaky, path: Path
) -> None:
    inner.is_gone = True
    parent = new_run(store).info.run_id
    child = store.create_run("0", run_name="child", user_id="ada", start_time=2, tags={"mlflow.parentRunId": parent})
    inner.is_gone = False
    wait_until(lambda: everything_there(store))
    made = store.get_run(parent).info.run_id
    assert store.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == made
    late = store.create_run("0", run_name="late", user_id="ada", start_time=3, tags={"mlflow.parentRunId": parent})
    assert late.data.tags["mlflow.parentRunId"] == made
    assert len(SqliteStore(path).search_runs(RunQuery(("0",)))) == 3


def test_the_next_process_makes_the_runs_of_one_that_was_killed(path: Path) -> None:
    SqliteStore(path).create_experiment("wine")
    program = Program(AWAY + "    sys.stdin.read()", path)
    run_id = program.line()
    program.kill(group=True)
    heir = JournaledStore(SqliteStore(path))
    heir.count_runs(RunQuery(("0",)))
    wait_until(lambda: everything_there(heir))
    wait_until(lambda: heir.artifacts(run_id).read_bytes("a.txt") == b"kept")
    assert len(heir.metric_history(run_id, "loss")) == 1000
    assert heir.count_runs(RunQuery(("0",))) == 1
    heir.close()


@pytest.mark.parametrize("is_noted", [True, False])
def test_a_run_that_was_made_but_not_delivered_to_is_not_made_twice(
    store: JournaledStore, inner: Flaky, path: Path, is_noted: bool
) -> None:
    """The process dies after the run was made, before or after it notes that; the journal still holds all records."""
    inner.is_gone = True
    run_id = new_run(store).info.run_id
    store.log_batch(run_id, metrics=[point(1)])
    folder = journal_folder(store.uri)
    (journal,) = folder.glob("*.journal")
    (note,) = folder.glob("*.run")
    content = journal.read_bytes()
    inner.is_gone = False
    wait_until(lambda: everything_there(store))
    made = store.get_run(run_id).info.run_id
    note.write_text(made if is_noted else "")
    journal.with_name("1-copy.journal").write_bytes(content)
    heir = JournaledStore(SqliteStore(path))
    heir.count_runs(RunQuery(("0",)))
    wait_until(lambda: everything_there(heir))
    assert [run.info.run_id for run in heir.search_runs(RunQuery(("0",)))] == [made]
    assert len(heir.metric_history(made, "loss")) == 1
    heir.close()


def test_a_request_that_made_a_run_without_an_answer_makes_no_second_one(
    store: JournaledStore, inner: Flaky, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_and_lose(*args: object, **named: object) -> None:
        SqliteStore.create_run(inner, *args, **named)  # type: ignore[arg-type]
        raise StoreUnreachableError("lost the connection")

    inner.is_server = True  # a file either makes a run or says that it did not
    monkeypatch.setattr(inner, "create_run", make_and_lose)
    run_id = new_run(store).info.run_id
    store.log_batch(run_id, metrics=[point(1)])
    wait_until(lambda: everything_there(store))
    (made,) = SqliteStore(path).search_runs(RunQuery(("0",)))
    assert made.data.metrics == {"loss": 0.5}


def test_an_experiment_that_is_gone_refuses_its_run_and_the_rest_goes_on(
    store: JournaledStore, inner: Flaky, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inner.is_gone = True
    lost = store.create_run("1", run_name="lost", user_id="ada", start_time=1).info.run_id
    kept = new_run(store).info.run_id
    for run_id in (lost, kept):
        store.log_batch(run_id, metrics=[point(1)])
    store.artifacts(lost).write_bytes("a.txt", b"1")
    SqliteStore(path).delete_experiment("1")
    inner.is_gone = False
    wait_until(lambda: everything_there(store))
    assert store.get_run(kept).data.metrics == {"loss": 0.5}
    with pytest.raises(RunNotFoundError):
        store.log_batch(lost, metrics=[point(2)])
    assert store.waiting().refused == 3
    assert "is deleted" in caplog.text


def test_experiments_are_found_when_the_store_is_back(store: JournaledStore, inner: Flaky, path: Path) -> None:
    """By id, by name, by the tags of a notebook; what is not there is made, once."""
    other = SqliteStore(path).create_experiment("analysis.ipynb", tags={"notebook": "another"})
    mine = ExperimentWanted(name="analysis.ipynb", found_by=(("notebook", "mine"),), tags={"notebook": "mine"})
    inner.is_gone = True
    wanted = [ExperimentWanted("1"), ExperimentWanted(name="wine"), ExperimentWanted(name="new"), mine, mine]
    runs = [store.postpone_run(NewRun(each, "r", "ada", 1, {})).info.run_id for each in wanted]
    inner.is_gone = False
    wait_until(lambda: everything_there(store))
    found = [store.get_run(run_id).info.experiment_id for run_id in runs]
    names = [SqliteStore(path).get_experiment(experiment_id).name for experiment_id in found]
    assert names == ["wine", "wine", "new", "analysis.ipynb (2)", "analysis.ipynb (2)"]
    assert other not in found


def test_a_run_of_another_process_is_logged_to_before_it_is_made(
    store: JournaledStore, inner: Flaky, path: Path
) -> None:
    """As workers do that were only given the run's id."""
    inner.is_gone = True
    run_id = new_run(store).info.run_id
    worker = JournaledStore(Flaky(path))
    worker.log_batch(run_id, metrics=[Metric("worker", 1.0, 1)])
    worker.flush()
    assert worker.waiting().count == 2
    inner.is_gone = False
    wait_until(lambda: everything_there(worker))
    assert store.get_run(run_id).data.metrics == {"worker": 1.0}
    worker.close()


def test_a_run_that_cannot_even_wait_is_refused_with_both_reasons(
    store: JournaledStore, inner: Flaky, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is away, and the folder of the journals cannot be written."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TRACKSIDE_JOURNAL_DIR", str(tmp_path / "file" / "below"))
    inner.is_gone = True
    with pytest.raises(StoreUnreachableError, match="cannot wait on this machine") as raised:
        new_run(store)
    assert "TRACKSIDE_JOURNAL_DIR" in raised.value.hint
