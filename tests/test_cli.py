"""The command line."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import trackside
from trackside.cli import main
from trackside.cli.grammar import make_parser
from trackside.stores.uri import open_store

from .command_line import Captured, names, run_json, runs

__all__ = ["runs"]

pytestmark = pytest.mark.usefixtures("workspace")

README = Path(__file__).parents[1] / "README.md"


def run_program(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trackside", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **settings)


def test_runs_are_listed_newest_first(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5"""
    assert names(capsys, "list") == ["other", "child", "parent"]
    assert names(capsys, "list", "-n", "1") == ["other"]
    assert names(capsys, "list", "--experiment", "wine") == ["other"]
    assert names(capsys, "--experiment", "0", "list") == ["child", "parent"]
    assert main(["list"]) == 0
    assert "parent  FINISHED" in capsys.readouterr().out


def test_runs_are_searched_and_ordered(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5, R8.1"""
    assert names(capsys, "search", "metrics.acc > 0", "--order-by", "metrics.acc ASC") == ["child", "parent"]
    assert names(capsys, "search", "params.model = 'forest'") == []
    assert main(["search", "params.model = 'forest'"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no runs found" in captured.err


def test_a_run_is_named_by_id_beginning_or_name(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5"""
    run_id = runs["parent"]
    for text in (run_id, run_id[:12], "parent"):
        shown = run_json(capsys, "show", text)
        assert shown["run_id"] == run_id
    assert shown["params"] == {"depth": "3", "model": "tree"}
    assert shown["metrics"] == {"acc": 0.93, "loss": "NaN"}
    assert main(["show", "other"]) == 0
    assert "about *it*" in capsys.readouterr().out
    assert main(["show", "other", "--experiment", "Default"]) == 1


def test_a_name_of_several_runs_is_no_name(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5: the error says which they are; the id decides."""
    assert main(["rename", runs["child"], "parent"]) == 0
    assert main(["show", "parent"]) == 1
    error = capsys.readouterr().err
    assert runs["child"][:12] in error
    assert runs["parent"][:12] in error
    assert main(["show", runs["child"]]) == 0


def test_runs_are_edited(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5: tags, note and name."""
    run = run_json(capsys, "tag", "parent", "stage=final", "team=data=science", "--delete", "mlflow.source.name")
    assert (run["tags"]["stage"], run["tags"]["team"]) == ("final", "data=science")
    assert "mlflow.source.name" not in run["tags"]
    assert run_json(capsys, "note", "parent", "**best**")["tags"]["mlflow.note.content"] == "**best**"
    assert run_json(capsys, "note", "parent")["note"] == "**best**"
    assert main(["note", "parent"]) == 0
    assert capsys.readouterr().out == "**best**\n"
    assert run_json(capsys, "rename", "parent", "baseline")["run_name"] == "baseline"


@pytest.mark.parametrize("tags", [["stage"], ["=x"], []])
def test_a_tag_without_key_and_value_is_refused(runs: dict[str, str], tags: list[str]) -> None:
    assert main(["tag", "parent", *tags]) == 2


def test_csv_goes_to_the_output_or_a_file(runs: dict[str, str], capsys: Captured) -> None:
    """R8.7"""
    capsys.readouterr()
    assert main(["csv"]) == 0
    text = capsys.readouterr().out
    head = "Run ID,Name,Source Type,Source Name,User,Status,depth,model,acc,loss"
    assert text.splitlines()[0] == head
    assert len(text.splitlines()) == 4
    assert main(["csv", "parent", "-o", "one.csv"]) == 0
    assert "1 run written" in capsys.readouterr().err
    assert Path("one.csv").read_text().splitlines()[1].endswith(",3,tree,0.93,NaN")
    assert main(["csv", "--filter", "metrics.acc > 0.9", "--order-by", "metrics.acc", "-o", "some.csv"]) == 0
    assert Path("some.csv").read_text() == Path("one.csv").read_text()
    assert main(["csv", "parent", "--filter", "metrics.acc > 0"]) == 2


def test_descendants_go_along_unless_told_otherwise(runs: dict[str, str], capsys: Captured) -> None:
    """R9.1: where nobody can be asked."""
    assert run_json(capsys, "delete", "parent", "--no-descendants") == {"deleted": [runs["parent"]]}
    assert names(capsys, "list", "--deleted") == ["parent"]
    assert names(capsys, "list", "--all") == ["other", "child", "parent"]
    assert run_json(capsys, "delete", "parent") == {"deleted": [runs["parent"], runs["child"]]}
    assert run_json(capsys, "restore", "parent", "--descendants") == {"restored": [runs["parent"], runs["child"]]}
    assert names(capsys, "list", "--deleted") == []


@pytest.mark.parametrize(("answer", "gone"), [("\n", 2), ("y\n", 2), ("n\n", 1)])
def test_it_is_asked_whether_descendants_go_too(
    runs: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Captured, answer: str, gone: int
) -> None:
    """R9.1: the default is yes."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["delete", "parent"]) == 0
    assert "1 descendant as well? [Y/n]" in capsys.readouterr().err
    assert len(names(capsys, "list", "--deleted")) == gone


def test_purging_needs_a_yes(runs: dict[str, str], capsys: Captured) -> None:
    """R9.2"""
    main(["delete", "parent"])
    assert run_json(capsys, "purge")["runs"] == []
    assert len(run_json(capsys, "purge", "--older-than", "0")["runs"]) == 2
    assert names(capsys, "list", "--deleted") == ["child", "parent"]
    assert main(["purge", "--older-than", "0"]) == 0
    assert "--yes does it" in capsys.readouterr().out
    assert main(["purge", "--older-than", "0", "--yes"]) == 0
    assert names(capsys, "list", "--all") == ["other"]


def test_runs_are_deleted_and_restored_by_time(capsys: Captured, runs: dict[str, str]) -> None:
    """R9.3, R9.4: from the command line."""
    assert run_json(capsys, "delete", "--experiment", "Default", "--created-before", "1d") == {"runs_deleted": 0}
    tomorrow = str(int(time.time() * 1000) + 86_400_000)
    by_time = ["--experiment", "Default", "--created-before", tomorrow]
    assert run_json(capsys, "delete", *by_time, "-n", "1") == {"runs_deleted": 1}
    assert names(capsys, "list", "--experiment", "Default", "--deleted") == ["parent"]
    assert main(["delete", *by_time]) == 0
    assert capsys.readouterr().out == "deleted 1 run of experiment Default\n"
    assert names(capsys, "list") == ["other"]
    assert run_json(capsys, "restore", "--experiment", "0", "--deleted-since", "1h") == {"runs_restored": 2}
    assert len(names(capsys, "list")) == 3
    for wrong in (["delete"], ["delete", runs["other"], *by_time], ["delete", "--created-before", "1d"]):
        assert main(wrong) == 2
    assert main(["restore", "--experiment", "0", "--deleted-since", "yesterday"]) == 2
    assert "'yesterday' is no time" in capsys.readouterr().err


def test_experiments_are_made_renamed_deleted_and_restored(capsys: Captured) -> None:
    """R3.5"""
    made = run_json(capsys, "experiments", "create", "wine")
    assert run_json(capsys, "experiments", "rename", "wine", "red wine")["experiment_id"] == made["experiment_id"]
    assert run_json(capsys, "experiments", "delete", made["experiment_id"])["lifecycle_stage"] == "deleted"
    assert [one["name"] for one in run_json(capsys, "experiments", "--deleted")] == ["red wine"]
    assert [one["name"] for one in run_json(capsys, "experiments", "list", "--all")] == ["red wine", "Default"]
    found = run_json(capsys, "experiments", "--all", "--filter", "name ILIKE '%E%'", "--order-by", "name", "-n", "1")
    assert [one["name"] for one in found] == ["Default"]
    assert main(["experiments", "--filter", "colour = 'red'"]) == 2
    assert run_json(capsys, "experiments", "restore", "red wine")["lifecycle_stage"] == "active"
    assert main(["experiments"]) == 0
    assert "red wine" in capsys.readouterr().out


def test_another_store_is_named_by_its_uri(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3.5: before or after the command; the environment's where none is named."""
    assert main(["--uri", "sqlite:///other.db", "experiments", "create", "there"]) == 0
    found = run_json(capsys, "experiments", "--uri", "sqlite:///other.db")
    assert {one["name"] for one in found} == {"there", "Default"}
    assert main(["experiments"]) == 1
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    assert len(run_json(capsys, "experiments")) == 2


@pytest.mark.parametrize("width", [20, 60, 100])
def test_tables_fit_the_terminal(
    runs: dict[str, str], capsys: Captured, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """R3.5: wide letters included; what would move the cursor is left out."""
    main(["rename", "child", "日本語の長い名前 \x1b[31m\r red"])
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    for line in lines:
        assert line.isprintable()
        wide = sum(1 for letter in line if "\u3000" < letter < "\ua000")
        assert len(line) + wide <= width


def test_nothing_that_a_run_says_steers_the_terminal(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5: a note keeps its lines, and JSON every character, escaped."""
    evil = "\x1b]0;title\x07\tone\r\n\x9b31mtwo \u202e\U000e0001 日本語"
    assert main(["note", "child", evil]) == 0
    for command in (["note", "child"], ["show", "child"], ["note", "child", "--json"]):
        capsys.readouterr()
        assert main(command) == 0
        said = capsys.readouterr().out
        assert all(line.isprintable() for line in said.splitlines())
        assert "two" in said
        assert "日本語" in said
    assert json.loads(said)["note"] == evil


def test_nothing_that_a_store_holds_steers_the_terminal(runs: dict[str, str], capsys: Captured) -> None:
    """R3.5: names, keys and values in tables, in what is confirmed and in errors; of runs and of experiments."""
    evil = "\x1b]0;title\x07\x9b31m\u202eevil\r"
    experiment = trackside.create_experiment(f"{evil}place")
    ids = []
    for _ in range(2):
        with trackside.start_run(run_name=evil, experiment_id=experiment) as run:
            trackside.log_param("depth", evil)
            trackside.set_tag("stage", evil)
            trackside.set_note(evil)
        ids.append(run.info.run_id)
    first, second = ids
    commands = [
        *(["list"], ["search", "params.depth LIKE '%evil%'"], ["show", first], ["note", first], ["experiments"]),
        *(["show", evil], ["list", "--experiment", f"{evil}plaec"], ["diff", first, second], ["csv", "-o", "r.csv"]),
        *(["rename", first, f"{evil}2"], ["delete", second], ["restore", second], ["purge"], ["delete", evil]),
        *(["experiments", "rename", experiment, evil], ["experiments", "delete", experiment]),
    ]
    for command in commands:
        main(command)
        out, err = capsys.readouterr()
        assert out + err
        assert all(line.isprintable() for line in (out + err).split("\n")), command


def test_a_pipe_that_is_closed_ends_the_command_quietly(
    runs: dict[str, str], script_environment: dict[str, str]
) -> None:
    """R3.5: as with ``trackside csv | head -1``."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "trackside", "csv"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=script_environment, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_terminal_without_unicode_ends_nothing(runs: dict[str, str], script_environment: dict[str, str]) -> None:
    main(["rename", "other", "Öl 日本語"])
    done = run_program("list", env={**script_environment, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "?l ???" in done.stdout
    done = run_program("csv", env={**script_environment, "PYTHONIOENCODING": "ascii"}, encoding="utf-8")
    assert "Öl 日本語" in done.stdout


def test_the_program_loads_only_what_it_needs(runs: dict[str, str], script_environment: dict[str, str]) -> None:
    """R3.5: it starts fast because it leaves the notebook side, pandas and servers out."""
    heavy = ("pandas", "numpy", "IPython", "requests", "nbformat", "psutil", "ipywidgets", "trackside.notebook")
    program = (
        "import sys\nfrom trackside.cli import main\n"
        f"assert main(['list']) == 0\nprint([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=script_environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Each command with its parser; experiments' verbs are commands of two words."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield " ".join((*words, name)), child
                yield from commands(child, (*words, name))


def section(title: str) -> str:
    text = README.read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_command_and_option_is_documented() -> None:
    """R3.5: in the README's section, and nothing is documented that is not there."""
    text = section("Command line")
    known = {option for action in make_parser()._actions for option in action.option_strings}
    for name, parser in commands(make_parser()):
        assert f"`trackside {name}" in text, name
        known |= {option for action in parser._actions for option in action.option_strings}
        assert "examples:\n  trackside " in parser.format_help()
    documented = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "".join(re.findall(r"`[^`\n]+`", text))))
    assert known - {"-h", "--max", "--output"} <= documented | {"--help"}
    assert documented - {"-m"} <= known  # python -m
    for code in (0, 1, 2, 3, 4, 130, 141):
        assert f"`{code}`" in text


def test_every_example_of_the_help_can_be_typed() -> None:
    """R3.5"""
    examples = [line for _, parser in commands(make_parser()) for line in parser.format_help().splitlines()]
    examples = [line.strip() for line in (*make_parser().format_help().splitlines(), *examples)]
    examples = [line for line in examples if re.match(r"trackside [-a-z]", line)]
    assert len(examples) > 20
    for line in examples:
        assert make_parser().parse_args(shlex.split(line)[1:]).do


@pytest.mark.server
def test_a_server_is_worked_with_from_the_command_line(mlflow_server: Any, capsys: Captured) -> None:
    """R3.5: all but purging, which servers keep to themselves."""
    store = open_store(mlflow_server.url)
    parent = store.create_run("0", run_name="parent", user_id="ada", start_time=1).info.run_id
    tags = {"mlflow.parentRunId": parent}
    child = store.create_run("0", run_name="child", user_id="ada", start_time=2, tags=tags).info.run_id
    at = ["--uri", mlflow_server.url]
    assert names(capsys, *at, "list") == ["child", "parent"]
    assert run_json(capsys, *at, "show", parent[:10])["run_name"] == "parent"
    assert run_json(capsys, *at, "delete", "parent") == {"deleted": [parent, child]}
    assert run_json(capsys, *at, "restore", "parent") == {"restored": [parent, child]}
    assert main([*at, "csv", "-o", "runs.csv"]) == 0
    assert len(Path("runs.csv").read_text().splitlines()) == 3
    capsys.readouterr()
    assert main([*at, "purge"]) == 1
    assert "mlflow gc" in capsys.readouterr().err
