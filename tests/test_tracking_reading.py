"""What was logged to a run, read back from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import trackside
from trackside.errors import ArtifactNotFoundError, RunNotFoundError, UnsafePathError

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def run_id() -> str:
    """A run with a curve, files in folders, and two runs below it of which one has a child of its own."""
    with trackside.start_run(run_name="parent") as run:
        for step in range(3):
            trackside.log_metric("loss", 1 / (step + 1), step=step)
        trackside.log_text("top", "top.txt")
        trackside.log_text("deep", "plots/old/deep.txt")
        for name in ("first", "second"):
            with trackside.start_run(run_name=name, nested=True), trackside.start_run(run_name="below", nested=True):
                pass
    return run.info.run_id


def test_the_history_of_a_metric_has_every_value(run_id: str) -> None:
    """R11.3: the curve of the run view."""
    history = trackside.get_metric_history(run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    assert trackside.get_metric_history(run_id, "none") == []


def test_children_are_those_directly_below_that_are_not_deleted(run_id: str) -> None:
    """R11.3, R4.3."""
    first, second = trackside.get_child_runs(run_id)
    assert (first.info.run_name, second.info.run_name) == ("first", "second")
    assert trackside.move_to_trash([first.info.run_id], descendants=True).refused == {}
    assert [run.info.run_id for run in trackside.get_child_runs(run_id)] == [second.info.run_id]
    assert len(trackside.take_from_trash([first.info.run_id], descendants=True).done) == 2
    with pytest.raises(RunNotFoundError):
        trackside.get_child_runs("0" * 32)


def test_artifacts_are_listed_folder_by_folder(run_id: str) -> None:
    """R11.3, R4.2."""
    names = {found.path: found.is_dir for found in trackside.list_artifacts(run_id)}
    assert names["top.txt"] is False
    assert names["plots"] is True
    assert [found.path for found in trackside.list_artifacts(run_id, "plots/old")] == ["plots/old/deep.txt"]


def test_files_and_folders_are_downloaded_under_the_same_path(run_id: str, tmp_path: Path) -> None:
    """R11.3, R4.2: to a folder that is asked for; without one the run's own file is named, as it lies here."""
    target = tmp_path / "copies"
    assert trackside.download_artifacts(run_id, "top.txt", target) == str(target / "top.txt")
    assert (target / "top.txt").read_text() == "top"
    folder = Path(trackside.download_artifacts(run_id, "plots", target))
    assert (folder, (folder / "old" / "deep.txt").read_text()) == (target / "plots", "deep")
    whole = Path(trackside.download_artifacts(run_id, dst_path=tmp_path / "all"))
    assert (whole / "top.txt").exists()
    assert (whole / "plots" / "old" / "deep.txt").exists()

    here = Path(trackside.download_artifacts(run_id, "plots/old/deep.txt"))
    assert (here.read_text(), run_id in here.parts) == ("deep", True)
    with pytest.raises(ArtifactNotFoundError):
        trackside.download_artifacts(run_id, "none.txt", target)
    with pytest.raises(UnsafePathError):
        trackside.download_artifacts(run_id, "../other", target)
