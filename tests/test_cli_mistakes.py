"""The command line when something is mistyped, missing or wrong."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from trackside.cli import main

from .command_line import Captured, run_json, runs

__all__ = ["runs"]

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.mark.parametrize(
    "command",
    ["list", "experiments", "csv", "purge", "show x", "search 'metrics.a > 1'", "delete x", "tag x a=b", "reproduce x"],
)
def test_what_looks_for_runs_says_that_there_is_no_database_and_makes_none(
    command: str, workspace: Path, capsys: Captured
) -> None:
    """R3.5: a mistyped name is no store without runs."""
    for uri in ([], ["--uri", "sqlite:///typo.db"], ["--uri", "sqlite:///no/such/folder/typo.db"]):
        assert main([*uri, *shlex.split(command)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("trackside: there is no database sqlite:///")
        assert "MLFLOW_TRACKING_URI" in error
    assert list(workspace.iterdir()) == []


def test_an_empty_file_is_a_database_without_runs(workspace: Path, capsys: Captured) -> None:
    """As MLflow and SQLite take it."""
    (workspace / "empty.db").touch()
    assert main(["list", "--uri", "sqlite:///empty.db"]) == 0
    assert "no runs found" in capsys.readouterr().err
    assert (workspace / "empty.db").stat().st_size == 0


def test_hints_are_what_can_be_typed_in_a_terminal(runs: dict[str, str], capsys: Captured, workspace: Path) -> None:
    """R3.5: Python's ways of doing it are for notebooks."""
    (workspace / "text.db").write_text("no database " * 100)
    assert main(["list", "--uri", "sqlite:///text.db"]) == 1
    assert "name another file with --uri …" in capsys.readouterr().err
    assert main(["list", "--uri", "./mlruns"]) == 1
    assert "Use a database: --uri sqlite:///mlflow.db." in capsys.readouterr().err
    main(["delete", "other"])
    assert main(["rename", "other", "x"]) == 1
    assert "Restore it to write to it: `trackside restore RUN`." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "nothing"], 1, "no run with the name or id 'nothing'"),
        (["list", "--experiment", "nothing"], 1, "no experiment 'nothing'|name or id 'nothing'"),
        (["--uri", "ftp://x", "list"], 1, "unknown scheme 'ftp'"),
        (["search", "metrics.acc >"], 2, "\\^"),
        (["list", "-n", "0"], 2, "at least 1"),
        (["list", "--order-by", "speed"], 2, "speed"),
        (["purge", "--older-than", "-1"], 2, "number of days"),
        (["rename", "child", " \t "], 2, "a run needs a name"),
        (["experiments", "create", "  "], 2, "an experiment needs a name"),
        (["experiments", "rename", "wine", "  "], 2, "an experiment needs a name"),
        (["list", "--experiment", ""], 1, "no experiment with the name or id ''"),
        (["list", "--experiment", "wien"], 1, "did you mean 'wine'\\?"),
    ],
)
def test_errors_are_short_and_have_a_code(
    runs: dict[str, str], capsys: Captured, arguments: list[str], code: int, said: str
) -> None:
    """R3.5: 1 where the store has it not, 2 where what was typed makes no sense."""
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert error.startswith("trackside: ")
    assert re.search(said, error)
    assert "Traceback" not in error


@pytest.mark.parametrize("arguments", [[], ["fly"], ["show"], ["list", "--all", "--deleted"], ["list", "-n", "many"]])
def test_what_cannot_be_typed_exits_with_2(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lsit", "there is no command 'lsit'; did you mean list?"),
        ("xyzzy", "there is no command 'xyzzy'; there are list, search, show,"),
        ("experiments craete wine", "there is no verb 'craete'; did you mean create?"),
        ("list --ordr-by name", "there is no option --ordr-by; did you mean --order-by?"),
        ("list --xyzzy", "there is no option --xyzzy\n"),
        ("show my run", "nothing more is expected at 'run'; texts with spaces stand in quotes"),
    ],
)
def test_a_mistyped_word_gets_the_one_that_was_meant(typed: str, said: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(shlex.split(typed))
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert f"usage: trackside {typed.split()[0]}" in error or "COMMAND" in error


@pytest.mark.parametrize(
    ("filter_text", "meant"),
    [
        ("metrics.acx > 1", "; did you mean metrics.acc?"),
        ("NOT metrics.acc > 0 AND params.modle = 'tree'", "; did you mean params.model?"),
        ("tags.depth = 3", "; did you mean params.depth?"),
        ("metrics.xyzzy > 1", ""),
        ("metrics.acc > 1", ""),
    ],
)
def test_a_filter_that_finds_nothing_gets_the_name_that_was_meant(
    runs: dict[str, str], filter_text: str, meant: str, capsys: Captured
) -> None:
    assert main(["search", filter_text]) == 0
    assert capsys.readouterr().err.endswith(f"/mlflow.db{meant}\n")


def test_only_stores_that_something_waits_for_are_listed(runs: dict[str, str], capsys: Captured) -> None:
    """R2.5"""
    assert main(["sync"]) == 0
    assert capsys.readouterr() == ("", "trackside: nothing waits on this machine\n")
    assert run_json(capsys, "sync", "--uri", "sqlite:///mlflow.db") == []
