"""Comparisons from magics, from plain scripts and into files, and how runs may be named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

import trackside
from trackside.errors import FilterError, InvalidValueError, RunNotFoundError
from trackside.stores.uri import open_store
from trackside.widgets.bridge import answer
from trackside.widgets.compare_widget import handlers_of

from .notebook_shells import terminal_in

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

SCRIPT = """
import trackside

for depth in (2, 4):
    with trackside.start_run(run_name=f"depth {depth}"):
        trackside.log_param("depth", depth)
        for step in range(3):
            trackside.log_metric("loss", 1 / (step + depth), step=step)
comparison = trackside.compare()
print(comparison)
print(comparison.save("sweep.svg"), comparison.save("curves.SVG", "curves"))
comparison.on_select(lambda frame: print(list(frame["metrics.loss"])))
comparison.select([comparison.runs[0].info.run_id])
"""


def make_run(name: str, loss: float, experiment: str | None = None) -> str:
    with trackside.start_run(run_name=name, experiment_id=experiment) as run:
        trackside.log_metric("loss", loss)
    return run.info.run_id


def ids_of(comparison: trackside.Comparison) -> set[str]:
    return {run.info.run_id for run in comparison.runs}


@pytest.fixture
def shell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """An IPython in a terminal, with a list ``shown`` of what is displayed in it."""
    shown: list[Any] = []
    monkeypatch.setattr("trackside.magics.report.display", shown.append)
    with terminal_in(workspace, monkeypatch) as made:
        made.user_ns["shown"] = shown
        yield made


def test_the_magic_takes_runs_experiments_filters_and_nothing(shell: InteractiveShell) -> None:
    """R10.1, R3.4: `%track compare` in all its forms."""
    here = [make_run("a", 0.1), make_run("two words", 0.2), make_run("c", 0.9)]
    other = trackside.create_experiment("my digits")
    there = [make_run("d", 0.1, other), make_run("e", 0.9, other)]
    shell.user_ns["chosen"] = " ".join(here[:2])
    for line, expected in (
        ("", here),
        ("a c", [here[0], here[2]]),
        ("a 'two words'", here[:2]),
        (f"{here[0][:12]} {there[0]}", [here[0], there[0]]),
        ("{chosen}", here[:2]),
        ("'my digits'", there),
        ("'my digits' Default", [*there, *here]),
        ("metrics.loss < 0.5", here[:2]),
        ("metrics.loss < 0.5 --experiment 'my digits'", there[:1]),
        ("metrics.loss < 0.5 --experiment 'my digits' --experiment=Default", [there[0], *here[:2]]),
        ("--experiment 'my digits'", there),
    ):
        assert shell.run_cell(f"%track compare {line}").success, line
        assert ids_of(shell.user_ns["shown"].pop()) == set(expected), line


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("metrics.loss >", "metrics.loss >"),
        ("no_such_run", "was read as a filter"),
        ("metrics.loss > 7", "no runs to compare: none is found by 'metrics.loss > 7'"),
        ("metrics.loss > 0 --experiment nowhere", "has no experiment with the name or id 'nowhere'"),
        ("metrics.loss > 0 --experiment", "--experiment takes one name"),
        ("'not closed", "not closed"),
    ],
)
def test_a_magic_that_finds_nothing_says_why(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    make_run("a", 0.1)
    assert not shell.run_cell(f"%track compare {line}").success
    shown = capsys.readouterr()
    assert told in shown.out + shown.err
    assert "Traceback" not in shown.out + shown.err


def test_a_script_gets_its_comparison_as_a_picture(workspace: Path, script_environment: dict[str, str]) -> None:
    """R10.1, R11.3: nothing needs a kernel or a front end."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=workspace,
        env=script_environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "<Comparison of 2 runs: 1 param, 1 metric>",
        "sweep.svg curves.SVG",
        str([1 / 6]),
    ]
    for name, told in (("sweep.svg", "coloured by loss"), ("curves.SVG", "Comparison of 2 runs: loss")):
        picture = ET.parse(workspace / name).getroot()
        title, description = (picture.find(f"{{http://www.w3.org/2000/svg}}{tag}") for tag in ("title", "desc"))
        assert title is not None
        assert description is not None
        assert told in str(title.text)
        assert description.text == "Metrics: loss from 0.1667 to 0.25. Params: depth."


def test_a_picture_is_only_written_as_what_it_is(workspace: Path) -> None:
    make_run("a", 0.1)
    with pytest.raises(InvalidValueError, match=r"'sweep\.png' is no name of one") as caught:
        trackside.compare().save("sweep.png")
    assert "sweep.svg" in caught.value.hint
    with pytest.raises(InvalidValueError, match="no chart"):
        trackside.compare().to_svg("pie")


def test_runs_of_several_experiments_are_compared(workspace: Path) -> None:
    """R10.1: experiments by name, as objects, and as the place where a filter searches."""
    one, two = (trackside.create_experiment(name) for name in ("one", "two"))
    runs = [make_run("a", 0.1, one), make_run("b", 0.2, two), make_run("c", 0.9, two)]
    elsewhere = make_run("d", 0.1)
    assert ids_of(trackside.compare(["one", "two"])) == set(runs)
    assert ids_of(trackside.compare([trackside.get_experiment(one), elsewhere])) == {runs[0], elsewhere}
    assert ids_of(trackside.compare(experiments=["one", trackside.get_experiment(two)])) == set(runs)
    comparison = trackside.compare("metrics.loss < 0.5", experiments=["one", "two"])
    assert ids_of(comparison) == set(runs[:2])
    names = comparison.data.find("detail", "experiment")
    assert sorted(getattr(names, "texts", ())) == ["one", "two"]
    with pytest.raises(trackside.errors.NotFoundError, match="three"):
        trackside.compare(experiments=["one", "three"])


def test_runs_that_are_gone_are_refused_and_those_in_the_trash_are_marked(workspace: Path) -> None:
    kept, binned = make_run("a", 0.1), make_run("b", 0.2)
    trackside.delete_run(binned)
    comparison = trackside.compare([kept, binned])
    assert comparison.find_gone() == [binned]
    assert ids_of(trackside.compare()) == {kept}
    trackside.purge_runs([binned], dry_run=False)
    assert comparison.find_gone() == [binned]
    assert comparison.read_curves("loss", [binned], 10) == []
    with pytest.raises(RunNotFoundError, match=binned):
        trackside.compare([kept, binned])
    with pytest.raises(InvalidValueError, match="no runs to compare"):
        trackside.compare([])
    with pytest.raises(FilterError):
        trackside.compare([kept, "nothing at all"])


def test_a_run_of_another_store_is_not_opened_out_of_the_store_in_use(workspace: Path) -> None:
    here, there = make_run("a", 0.1), "sqlite:///other.db"
    run = open_store(there).create_run("0", run_name="far", user_id="ada", start_time=1_000)
    handlers = handlers_of(trackside.compare({trackside.get_tracking_uri(): [here], there: None}))

    def ask(kind: str, **data: str) -> dict[str, Any]:
        return answer({"id": "p:1", "kind": kind, "data": data}, handlers).content

    fault = ask("diff.open", before=here, after=run.info.run_id)["fault"]
    assert "not in the store that is in use" in fault["message"]
    assert "set_tracking_uri" in fault["hint"]
    assert ask("run.environment", run_id=run.info.run_id)["reply"] == {"environment": None}
    assert "reply" in ask("run.environment", run_id=here)
