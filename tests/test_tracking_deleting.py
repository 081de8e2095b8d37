"""Deleting, restoring and purging runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import trackside
from trackside.entities import LifecycleStage, Tag
from trackside.errors import ExperimentNotFoundError, InvalidValueError, StoreReadOnlyError, StoreRefusedError
from trackside.stores.uri import open_store
from trackside.tracking import session
from trackside.tracking.deleting import MOST_RUNS, find_descendants

DAY_MS = 86_400_000

pytestmark = pytest.mark.usefixtures("workspace")


def make_run(name: str = "a", *, start: int = 1000, parent: str = "", experiment_id: str = "0") -> str:
    tags = {"mlflow.parentRunId": parent} if parent else {}
    store = session.current_store()
    return store.create_run(experiment_id, run_name=name, user_id="ada", start_time=start, tags=tags).info.run_id


def stages() -> dict[str, str]:
    """The stage of each run by its name."""
    runs = trackside.search_runs(
        run_view_type=trackside.ViewType.ALL, search_all_experiments=True, output_format="list"
    )
    return {run.info.run_name: run.info.lifecycle_stage.value for run in runs}


def change(sql: str, *values: object) -> None:
    with closing(sqlite3.connect("mlflow.db")) as db, db:
        db.execute(sql, values)


def delete_long_ago(run_id: str, days: float = 31) -> None:
    trackside.delete_run(run_id)
    change("UPDATE runs SET deleted_time = deleted_time - ? WHERE run_uuid = ?", int(days * DAY_MS), run_id)


@pytest.fixture
def family() -> list[str]:
    """A grandmother, her child in the same experiment, its child in another one, and a run that is no relative."""
    top = make_run("top")
    child = make_run("child", parent=top)
    other = trackside.create_experiment("other")
    return [top, child, make_run("grandchild", parent=child, experiment_id=other), make_run("stranger")]


def test_descendants_go_along_where_asked_for(family: list[str]) -> None:
    """R9.1: into the trash and back, in any experiment."""
    trackside.delete_run(family[0])
    assert [name for name, stage in stages().items() if stage == "deleted"] == ["top"]
    trackside.delete_run(family[0], descendants=True)
    assert {name for name, stage in stages().items() if stage == "deleted"} == {"top", "child", "grandchild"}
    trackside.restore_run(family[0], descendants=True)
    assert set(stages().values()) == {"active"}


def test_descendants_behind_a_deleted_child_are_found(family: list[str]) -> None:
    """R9.1"""
    trackside.delete_run(family[1])
    assert [run.info.run_name for run in find_descendants(family[:1])] == ["grandchild"]
    assert [run.info.run_name for run in find_descendants(family[:1], stage=LifecycleStage.DELETED)] == ["child"]


def test_runs_that_are_their_own_ancestors_end_the_search(family: list[str]) -> None:
    session.current_store().log_batch(family[0], tags=[Tag("mlflow.parentRunId", family[2])])
    assert {run.info.run_name for run in find_descendants([family[1]])} == {"grandchild", "top"}


def test_many_children_are_found() -> None:
    """R9.1: more than are asked for at once, on two levels."""
    top = make_run("top")
    children = [make_run(f"child {number}", parent=top) for number in range(120)]
    make_run("grandchild", parent=children[-1])
    assert len(find_descendants([top])) == 121


def test_runs_up_to_a_time_are_deleted() -> None:
    """R9.3: at or before it, oldest first, in one experiment, and the call says how many."""
    other = trackside.create_experiment("other")
    make_run("elsewhere", start=1, experiment_id=other)
    for start in (30, 10, 20, 40):
        make_run(f"at {start}", start=start)
    assert trackside.delete_runs("0", 30, max_runs=1) == 1
    assert [name for name, stage in stages().items() if stage == "deleted"] == ["at 10"]
    assert trackside.delete_runs(0, 30) == 2
    assert {name for name, stage in stages().items() if stage == "active"} == {"at 40", "elsewhere"}
    assert trackside.delete_runs("0", 30) == 0


def test_runs_deleted_since_a_time_are_restored() -> None:
    """R9.4: at or after it, those deleted last first."""
    for number in range(3):
        run_id = make_run(f"run {number}")
        trackside.delete_run(run_id)
        change("UPDATE runs SET deleted_time = ? WHERE run_uuid = ?", 1000 + number, run_id)
    assert trackside.restore_runs("0", 1001, max_runs=1) == 1
    assert [name for name, stage in stages().items() if stage == "active"] == ["run 2"]
    assert trackside.restore_runs("0", 1001) == 1
    assert [name for name, stage in stages().items() if stage == "deleted"] == ["run 0"]
    assert trackside.restore_runs("0", 0) == 1


@pytest.mark.parametrize("do", [trackside.delete_runs, trackside.restore_runs])
@pytest.mark.parametrize("most", [0, -1, MOST_RUNS + 1, 1.5, True, None])
def test_the_number_of_runs_at_once_is_limited(do: Any, most: Any) -> None:
    """R9.3, R9.4: from 1 to 10,000."""
    make_run()
    with pytest.raises(InvalidValueError, match="from 1 to 10,000"):
        do("0", 1, max_runs=most)
    with pytest.raises(InvalidValueError, match="milliseconds since 1970"):
        do("0", "yesterday")
    with pytest.raises(ExperimentNotFoundError):
        do("77", 1)
    assert do("0", 1, max_runs=MOST_RUNS) == 0


def test_purging_is_a_rehearsal_unless_told_otherwise() -> None:
    """R9.2: 30 days, and nothing is removed without dry_run=False."""
    old, young, active = make_run("old"), make_run("young"), make_run("active")
    session.current_store().artifacts(old).write_bytes("model.bin", b"12345")
    delete_long_ago(old, 30.5)
    delete_long_ago(young, 29.5)
    report = trackside.purge()
    assert ([run.run_id for run in report.runs], report.artifact_bytes, report.dry_run) == ([old], 5, True)
    assert set(stages()) == {"old", "young", "active"}
    assert trackside.purge(dry_run=False).artifact_bytes == 5
    assert set(stages()) == {"young", "active"}
    assert not list(Path().rglob("model.bin"))
    assert [run.run_id for run in trackside.purge(0, dry_run=False).runs] == [young]
    assert trackside.get_run(active).info.run_name == "active"


def test_a_run_behind_a_registered_model_is_kept() -> None:
    """R9.2"""
    run_id = make_run()
    change("INSERT INTO registered_models (name) VALUES ('m')")
    change("INSERT INTO model_versions (name, version, run_id) VALUES ('m', 1, ?)", run_id)
    delete_long_ago(run_id)
    report = trackside.purge(dry_run=False)
    assert (report.runs, report.kept_for_models) == ((), 1)


def test_a_run_that_was_deleted_nobody_knows_when_is_kept() -> None:
    """R9.2"""
    run_id = make_run()
    trackside.delete_run(run_id)
    change("UPDATE runs SET deleted_time = NULL")
    assert trackside.purge(0, dry_run=False).runs == ()


def test_artifacts_elsewhere_are_left_and_named(tmp_path: Path) -> None:
    """R9.2: only what lies in the store's own folder goes."""
    place = tmp_path / "precious"
    experiment_id = trackside.create_experiment("elsewhere", artifact_location=str(place))
    run_id = make_run(experiment_id=experiment_id)
    session.current_store().artifacts(run_id).write_bytes("model.bin", b"12345")
    delete_long_ago(run_id)
    (purged,) = trackside.purge(dry_run=False).runs
    assert purged.artifacts_left.startswith(str(place))
    assert len(list(place.rglob("model.bin"))) == 1


@pytest.mark.parametrize(
    "uri", ["{root}", "{root}/0", "{root}/0/{id}", "{root}/0/{id}/artifacts/..", "{root}/../x", "/"]
)
def test_a_recorded_place_that_is_not_the_runs_own_folder_is_left(uri: str, workspace: Path) -> None:
    """R9.2: whatever somebody wrote into the database."""
    run_id, neighbour = make_run(), make_run("neighbour")
    session.current_store().artifacts(neighbour).write_bytes("model.bin", b"1")
    delete_long_ago(run_id)
    change(
        "UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", uri.format(root=workspace / "mlruns", id=run_id), run_id
    )
    trackside.purge(dry_run=False)
    assert session.current_store().artifacts(neighbour).read_bytes("model.bin") == b"1"
    assert set(stages()) == {"neighbour"}


def test_artifacts_that_were_moved_with_the_database_are_removed(workspace: Path) -> None:
    """R9.2"""
    run_id = make_run()
    session.current_store().artifacts(run_id).write_bytes("model.bin", b"12345")
    delete_long_ago(run_id)
    change("UPDATE runs SET artifact_uri = ?", f"/gone/mlruns/0/{run_id}/artifacts")
    (purged,) = trackside.purge(dry_run=False).runs
    assert (purged.artifact_bytes, purged.artifacts_left) == (5, "")
    assert not list(workspace.rglob("model.bin"))


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
@pytest.mark.parametrize("linked", ["experiment", "run", "artifacts", "inside"])
def test_nothing_is_removed_through_a_link(linked: str, workspace: Path) -> None:
    """R9.2"""
    run_id = make_run()
    delete_long_ago(run_id)
    precious = workspace / "precious"
    (precious / run_id / "artifacts").mkdir(parents=True)
    for folder in (precious, precious / run_id, precious / run_id / "artifacts"):
        (folder / "file").write_text("precious")
    run_folder = workspace / "mlruns" / "0" / run_id
    link = {
        "experiment": run_folder.parent,
        "run": run_folder,
        "artifacts": run_folder / "artifacts",
        "inside": run_folder / "artifacts" / "link",
    }[linked]
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(precious, target_is_directory=True)
    trackside.purge(dry_run=False)
    assert len(list(precious.rglob("file"))) == 3
    assert stages() == {}


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs permissions that bind")
def test_a_folder_that_cannot_be_removed_leaves_the_run_for_another_attempt(workspace: Path) -> None:
    run_id = make_run()
    session.current_store().artifacts(run_id).write_bytes("model.bin", b"1")
    delete_long_ago(run_id)
    folder = workspace / "mlruns" / "0" / run_id / "artifacts"
    folder.chmod(0o500)
    with pytest.raises(StoreReadOnlyError):
        trackside.purge(dry_run=False)
    folder.chmod(0o700)
    assert len(trackside.purge(dry_run=False).runs) == 1


@pytest.mark.parametrize("days", [-1, float("nan"), float("inf")])
def test_an_age_that_is_none_is_refused(days: float) -> None:
    with pytest.raises(InvalidValueError, match="older_than_days"):
        trackside.purge(days)


def test_servers_say_how_runs_are_purged() -> None:
    """R9.2: before anything is asked of them."""
    trackside.set_tracking_uri("http://127.0.0.1:9")
    for do in (trackside.purge, lambda: trackside.restore_runs("0", 1)):
        with pytest.raises(StoreRefusedError) as caught:
            do()
        assert "mlflow gc" in caught.value.hint
    assert open_store("http://127.0.0.1:9").is_server
