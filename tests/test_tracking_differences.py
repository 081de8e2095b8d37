"""What is different between runs, and between a run and the notebook now; revisions that are written out again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

import trackside
from trackside.cli import main
from trackside.entities import Tag
from trackside.errors import InvalidValueError, NotFoundError
from trackside.magics.difference import DifferenceReport
from trackside.notebook.content import Content, Origin
from trackside.notebook.revision import Revision, build
from trackside.stores.uri import open_store
from trackside.tracking import differences
from trackside.tracking.directions import better_direction, judge_change

pytestmark = pytest.mark.usefixtures("workspace")

Captured = pytest.CaptureFixture[str]


def revision_of(*sources: str) -> Revision:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "id": f"c{number}"}
        for number, source in enumerate(sources)
    ]
    return build(Content(Origin.FILE, cells), (), path="train.ipynb", notebook_id="me")


def make_run(
    revision: Revision | None, name: str = "run", packages: dict[str, str] | None = None, **logged: Any
) -> str:
    """A finished run as the capture leaves it."""
    store = open_store("sqlite:///mlflow.db")
    with trackside.start_run(run_name=name) as run:
        trackside.log_params({key: value for key, value in logged.items() if isinstance(value, str)})
        trackside.log_metrics({key: value for key, value in logged.items() if isinstance(value, float)})
    artifacts = store.artifacts(run.info.run_id)
    tags = {}
    if revision is not None:
        artifacts.write_bytes("notebook/train.ipynb", revision.text.encode())
        tags |= {"trackside.revision.sha256": revision.sha256, "trackside.revision.path": "notebook/train.ipynb"}
        tags |= {"trackside.notebook.path": "train.ipynb"}
    if packages is not None:
        text = json.dumps(
            {
                "python": {"implementation": "CPython", "version": packages.pop("python", "3.11")},
                "distributions": [{"name": key, "version": value} for key, value in packages.items()],
            }
        )
        artifacts.write_bytes("environment/environment.json", text.encode())
        tags |= {"trackside.environment.sha256": text}
    for key, value in tags.items():
        store.log_batch(run.info.run_id, tags=[trackside.Tag(key, value)])
    return str(run.info.run_id)


@pytest.fixture
def two() -> SimpleNamespace:
    added = "<script>alert(1)</script>\n# \u202e reversed"
    old, new = revision_of("x = 1", "fit(depth=3)"), revision_of("x = 1", "fit(depth=4)", added)
    return SimpleNamespace(
        before=make_run(old, "<b>first</b>", {"numpy": "1.0", "old": "2"}, depth="3", loss=0.5, acc=0.25),
        after=make_run(new, "second", {"numpy": "2.0", "python": "3.12"}, depth="4", loss=0.25, acc=math.nan),
        revision=old,
    )


def test_two_runs_differ_in_cells_params_metrics_and_environment(two: SimpleNamespace) -> None:
    """R5.3, R11.3"""
    found = trackside.diff_runs(two.before, two.after)
    assert [change.kind for change in found.cells or ()] == ["same", "changed", "added"]
    assert [(change.key, change.before, change.after) for change in found.params] == [("depth", "3", "4")]
    assert [change.key for change in found.metrics] == ["acc", "loss"]
    assert [change.key for change in found.packages] == ["numpy", "old"]
    assert [(change.key, change.after) for change in found.environment] == [("python", "CPython 3.12")]
    assert not found.is_same
    assert trackside.diff_runs(two.before, two.before).is_same


def test_environment_variables_and_drivers_are_part_of_the_environment() -> None:
    """R5.3: what may change results; no others, whatever somebody wrote into the record."""
    gpu = {"name": "Loom 2", "driver": "550.1"}
    records = [
        {"gpus": [{**gpu, "driver": driver}], "variables": {"OMP_NUM_THREADS": threads, "LD_PRELOAD": threads}}
        for driver, threads in (("550.1", "1"), ("560.2", "8"))
    ]
    assert [(change.key, change.before, change.after) for change in differences._machine_changes(*records)] == [
        ("OMP_NUM_THREADS", "1", "8"),
        ("gpus", "Loom 2, driver 550.1", "Loom 2, driver 560.2"),
    ]


def test_the_difference_shows_as_text_and_as_html_in_which_nothing_is_markup(two: SimpleNamespace) -> None:
    """R5.3: names and sources of runs are hostile until shown otherwise."""
    report = DifferenceReport(trackside.diff_runs(two.before, two.after))
    text, html = repr(report), report._repr_html_()
    assert "loss  0.5 → 0.25  better" in text
    assert "acc  0.25 → nan  worse" in text
    assert "- fit(depth=3)\n+ fit(depth=4)" in text
    assert "cells: 1 changed, 1 added, 1 the same" in text
    assert "<b><u>3</u></b>" in html
    assert "<script" not in html
    assert "\u202e" not in html + text
    assert "\\u202e reversed" in html
    assert "<b>first" not in html


def test_a_run_is_compared_with_the_notebooks_file(two: SimpleNamespace, workspace: Path) -> None:
    """R5.3: outside of a kernel; without the file it is said which one is missing."""
    with pytest.raises(NotFoundError, match=r"train\.ipynb"):
        trackside.diff_runs(two.before)
    trackside.restore_revision(two.before, workspace / "train.ipynb")
    assert trackside.diff_runs(two.before).is_same
    found = trackside.diff_runs(two.after, notebook="train.ipynb")
    assert [change.kind for change in found.cells or ()] == ["same", "changed", "removed"]
    with pytest.raises(InvalidValueError, match="not with both"):
        trackside.diff_runs(two.before, two.after, notebook="train.ipynb")


def test_runs_without_a_revision_are_compared_in_all_else() -> None:
    """R5.3: runs of MLflow and of scripts."""
    plain, other = make_run(None, "plain", depth="3"), make_run(revision_of("x"), "other", depth="4")
    found = trackside.diff_runs(plain, other)
    assert found.cells is None
    assert "'plain'" in found.missing
    assert len(found.params) == 1
    assert "cells: unknown" in repr(DifferenceReport(found))
    with pytest.raises(NotFoundError, match="no notebook revision was kept"):
        trackside.diff_runs(plain)


def test_a_damaged_revision_is_refused_wherever_it_is_read(two: SimpleNamespace, workspace: Path) -> None:
    """R5.3, R5.4: what is not what the run recorded is neither compared nor restored."""
    artifacts = open_store("sqlite:///mlflow.db").artifacts(two.before)
    artifacts.write_bytes("notebook/train.ipynb", two.revision.text.replace("x = 1", "x = 2").encode())
    for read in (
        lambda: trackside.diff_runs(two.before, two.after),
        lambda: trackside.restore_revision(two.before, workspace / "new.ipynb"),
    ):
        with pytest.raises(InvalidValueError, match="was changed: its hash is"):
            read()
    assert not (workspace / "new.ipynb").exists()


def test_a_revision_is_written_as_a_notebook_and_replaces_no_file_unless_told_to(
    two: SimpleNamespace, workspace: Path
) -> None:
    """R5.4, R11.3"""
    path = trackside.restore_revision(two.before)
    assert path == workspace / "train.ipynb"
    made: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(made)
    assert [cell["source"] for cell in made["cells"]] == ["x = 1", "fit(depth=3)"]
    with pytest.raises(InvalidValueError, match="already"):
        trackside.restore_revision(two.after)
    trackside.restore_revision(two.after, path, overwrite=True)
    assert "alert(1)" in path.read_text()
    assert [entry.name for entry in workspace.glob(".train*")] == []
    with pytest.raises(InvalidValueError, match="cannot be written"):
        trackside.restore_revision(two.before, workspace / "missing" / "x.ipynb")


def test_a_revision_is_written_as_nothing_but_a_notebook(two: SimpleNamespace, workspace: Path) -> None:
    """R5.4: in a home folder, a file such as .bashrc would be run by the next shell."""
    store = open_store("sqlite:///mlflow.db")
    store.artifacts(two.before).write_bytes("notebook/.bashrc", two.revision.text.encode())
    store.log_batch(two.before, tags=[Tag("trackside.revision.path", "notebook/.bashrc")])
    assert trackside.restore_revision(two.before).suffix == ".ipynb"
    assert not (workspace / ".bashrc").exists()


def test_the_command_line_tells_the_difference_and_by_its_exit_code_whether_there_is_one(
    two: SimpleNamespace, capsys: Captured
) -> None:
    """R3.5, R5.3: 0 the same, 3 different, 1 not found, 2 wrong usage."""
    assert main(["diff", two.before, "second"]) == 3
    assert "+ fit(depth=4)" in capsys.readouterr().out
    assert main(["diff", two.before, two.before, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True
    assert main(["diff", two.before, two.after, "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["cells"][1]["lines"][0]["before"] == ["fit(depth=", "3", ")"]
    assert [change["verdict"] for change in found["metrics"]] == ["worse", "better"]
    assert main(["diff", two.before]) == 1
    assert main(["diff", two.before, two.after, "--notebook", "x.ipynb"]) == 2
    capsys.readouterr()


def test_python_and_the_front_end_judge_metrics_by_the_same_words() -> None:
    """R5.3: the words of both lists are the same, and so are the verdicts on some names."""
    import trackside.tracking.directions as ours

    source = (Path(__file__).parents[1] / "js/src/widget/directions.ts").read_text(encoding="utf-8")
    theirs = {word for word in source.replace('"', " ").split() if word.isalnum()}
    words = f"{ours._SMALLER} {ours._LARGER} {ours._NEUTRAL}".split()
    assert set(words) <= theirs
    names = {"val_loss": "smaller", "trainingRMSE": "smaller", "valF1@10": "larger", "map50": "larger"}
    names |= {"neg_mean_squared_error": "larger", "r2_score": "larger"}
    assert {name: better_direction(name) for name in names} == names
    assert [better_direction(name) for name in ("std_test_score", "accuracy_loss", "glossary", "")] == [None] * 4
    assert judge_change("loss", 1.0, math.nan) == "worse"
    assert judge_change("loss", math.nan, 1.0) == "better"
    assert judge_change("loss", math.nan, math.nan) == judge_change("width", 1, 2) == "neutral"
