"""The runs around a run, and what changed since the one before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.entities import Metric, Param
from trackside.stores.uri import open_store
from trackside.tracking.changes import MetricChange, TextChange, compare_runs
from trackside.tracking.differences import compare_two
from trackside.tracking.neighbours import find_children, find_neighbours

if TYPE_CHECKING:
    from pathlib import Path

    from trackside.entities import Run
    from trackside.stores.base import Store


class Place:
    """A store with one experiment."""

    def __init__(self) -> None:
        self.store: Store = open_store("sqlite:///mlflow.db")
        self.experiment_id = self.store.create_experiment("wine")

    def run(
        self,
        start: int,
        params: dict[str, str] | None = None,
        metrics: dict[str, float] | None = None,
        packages: dict[str, str] | None = None,
        **tags: str,
    ) -> Run:
        run = self.store.create_run(
            self.experiment_id,
            run_name=f"at {start}",
            user_id="ada",
            start_time=start,
            tags={f"{key.replace('_', '.')}": value for key, value in tags.items()},
        )
        logged = [Param(key, value) for key, value in (params or {}).items()]
        points = [Metric(key, value, start) for key, value in (metrics or {}).items()]
        self.store.log_batch(run.info.run_id, params=logged, metrics=points)
        if packages is not None:
            self._environment(run.info.run_id, packages)
        return self.store.get_run(run.info.run_id)

    def _environment(self, run_id: str, packages: dict[str, str]) -> None:
        found: list[Any] = [{"name": name, "version": version} for name, version in packages.items()]
        text = json.dumps({"distributions": [*found, "damaged", {}]})
        self.store.artifacts(run_id).write_bytes("environment/environment.json", text.encode())

    def around(self, run: Run) -> tuple[str | None, str | None]:
        found = find_neighbours(self.store, run)
        return tuple(side and side.info.run_id for side in (found.previous, found.next))  # type: ignore[return-value]


@pytest.fixture
def place(workspace: Path) -> Place:
    return Place()


def ids(runs: list[Run]) -> list[str]:
    return [run.info.run_id for run in runs]


def test_neighbours_are_the_runs_before_and_after_below_the_same_parent(place: Place) -> None:
    """R4.2: deleted runs and runs of other levels are passed over."""
    first, gone, second = place.run(1), place.run(2), place.run(3)
    child = place.run(4, mlflow_parentRunId=second.info.run_id)
    sibling = place.run(6, mlflow_parentRunId=second.info.run_id)
    last = place.run(5)
    place.store.delete_run(gone.info.run_id)
    assert place.around(first) == (None, second.info.run_id)
    assert place.around(second) == (first.info.run_id, last.info.run_id)
    assert place.around(child) == (None, sibling.info.run_id)
    assert place.around(last) == (second.info.run_id, None)
    assert place.around(gone) == (first.info.run_id, second.info.run_id)


def test_walking_from_neighbour_to_neighbour_meets_every_run_once_also_where_starts_are_the_same(place: Place) -> None:
    """R4.2: the children of a search often carry the start of their parent."""
    runs = [place.run(start) for start in (1, *[2] * 30, 3, 3)]
    ordered = sorted(runs, key=lambda run: (-(run.info.start_time or 0), run.info.run_id))
    met = [ordered[0]]
    while previous := find_neighbours(place.store, met[-1]).previous:
        met.append(previous)
    assert ids(met) == ids(ordered)
    while following := find_neighbours(place.store, met[-1]).next:
        met.append(following)
    assert ids(met[len(ordered) - 1 :]) == ids(ordered[::-1])


def test_children_come_in_the_order_of_their_start_and_are_counted(place: Place) -> None:
    """R4.2"""
    parent = place.run(1)
    children = [place.run(start, mlflow_parentRunId=parent.info.run_id) for start in (5, 3, 4)]
    found, total = find_children(place.store, parent, 2)
    assert (ids(list(found)), total) == (ids([children[1], children[2]]), 3)


def test_changes_are_told_of_params_metrics_code_and_packages(place: Place) -> None:
    """R4.2, R11.3: what changed since the previous run."""
    place.run(
        1,
        {"depth": "3", "gone": "x", "same": "1"},
        {"loss": 0.5, "nan": float("nan")},
        {"numpy": "1.0", "old": "2"},
        trackside_revision_sha256="a",
        trackside_environment_sha256="e",
    )
    later = place.run(
        2,
        {"depth": "4", "new": "", "same": "1"},
        {"loss": 0.25, "nan": float("nan"), "acc": 1.0},
        {"numpy": "2.0"},
        trackside_revision_sha256="b",
        trackside_environment_sha256="f",
    )
    changes = trackside.changes_since_previous(later.info.run_id)
    assert changes is not None
    assert changes.params == (
        TextChange("depth", "3", "4"),
        TextChange("gone", "x", None),
        TextChange("new", None, ""),
    )
    assert changes.metrics == (MetricChange("acc", None, 1.0), MetricChange("loss", 0.5, 0.25))
    assert (changes.code_changed, changes.environment_changed) == (True, True)
    assert changes.packages == (TextChange("numpy", "1.0", "2.0"), TextChange("old", "2", None))
    assert changes.before.info.run_name == "at 1"


def test_what_a_run_does_not_say_is_neither_changed_nor_the_same(place: Place) -> None:
    """R4.2: runs of MLflow carry no revision and no environment, but often a commit."""
    plain, other = place.run(1), place.run(2, mlflow_source_git_commit="abc")
    changes = compare_runs(place.store, plain, other)
    assert (changes.code_changed, changes.environment_changed, changes.packages) == (None, None, ())
    same = compare_runs(place.store, other, place.run(3, mlflow_source_git_commit="abc"))
    assert same.code_changed is False
    assert trackside.changes_since_previous(plain.info.run_id) is None


def test_cells_that_are_executed_again_are_the_same_code_and_an_edited_module_is_another(place: Place) -> None:
    """R4.2: what is executed again makes another revision of the same code."""
    again = {"trackside_code_sha256": "c", "trackside_modules_code_sha256": "m"}
    first = place.run(1, trackside_revision_sha256="a", **again)
    second = place.run(2, trackside_revision_sha256="b", **again)
    edited = place.run(3, trackside_revision_sha256="b", **(again | {"trackside_modules_code_sha256": "n"}))
    older = place.run(4, trackside_revision_sha256="b")
    for run, content in ((second, "1" * 64), (edited, "2" * 64)):
        modules = json.dumps({"modules": [{"path": "train.py", "sha256": content}, "no module"]})
        place.store.artifacts(run.info.run_id).write_bytes("notebook/modules.json", modules.encode())
    told = compare_two(place.store, second, edited).environment
    assert told == (TextChange("train.py", "1" * 12, "2" * 12),)
    changed = [
        compare_runs(place.store, before, after).code_changed
        for before, after in ((first, second), (second, edited), (second, older), (first, older))
    ]
    assert changed == [False, True, False, True]


def test_environments_that_cannot_be_read_name_no_packages(place: Place) -> None:
    runs = [place.run(start, trackside_environment_sha256=str(start)) for start in (1, 2)]
    place.store.artifacts(runs[0].info.run_id).write_bytes("environment/environment.json", b"[]")
    place.store.artifacts(runs[1].info.run_id).write_bytes("environment/environment.json", b"{")
    changes = compare_runs(place.store, *runs)
    assert (changes.environment_changed, changes.packages) == (True, ())
