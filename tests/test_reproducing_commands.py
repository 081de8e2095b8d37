"""Runs are reproduced with ``trackside reproduce`` and ``%track reproduce``: what they say, and their exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from trackside import extension
from trackside.cli import main
from trackside.reproducing import environments

from .reproducing_world import left_in, make_notebook, make_run, make_wheel, package_index, places

__all__ = ["package_index", "places"]

Captured = pytest.CaptureFixture[str]
Places = tuple[Path, Path]


def reproduce(capsys: Captured, *words: str) -> tuple[int, str]:
    """The exit code of the command, and what it says beside its output."""
    capsys.readouterr()
    code = main(["reproduce", *words])
    return code, capsys.readouterr().err


def test_the_command_says_what_is_installed_from_where_before_it_is(
    workspace: Path, package_index: Path, places: Places, capsys: Captured
) -> None:
    """R7.4: what needs a tick is left out, and how it is allowed is said; `all` does not allow what is refused."""
    line = f"own @ {make_wheel(workspace, 'own', '1.0').as_uri()}"
    _, run = make_run(requirements=["tiny==1.0", line, "$(touch hacked)"])
    code, said = reproduce(capsys, run.info.run_id, "--to", "one")
    assert code == 0
    assert "/nowhere/bin/python is not there any more" in said
    assert f"left out: {line} (from path; --allow {line!r} lets it be installed)" in said
    assert "left out: $(touch hacked) (no requirement" in said
    assert "1 library is installed with" in said
    code, said = reproduce(capsys, "first", "--to", "two", "--allow", "all")
    assert code == 0
    assert f"installed, because it was allowed: {line}" in said
    assert "left out: $(touch hacked)" in said
    code, said = reproduce(capsys, "first", "--to", "three", "--no-libraries", "--json")
    assert (code, "libraries are installed" in said) == (0, False)
    code, said = reproduce(capsys, "first", "--to", "four")
    assert "made for the same libraries; nothing is installed" in said
    assert len(environments.list_environments()) == 3
    assert not list(workspace.rglob("hacked"))


def test_the_exit_codes_are_those_of_the_help(
    workspace: Path, package_index: Path, places: Places, capsys: Captured
) -> None:
    """R7.4: 0 done, 1 not found or not installed, 2 wrong usage or a damaged revision; 3 and 4 are a verification's."""
    with pytest.raises(SystemExit) as ended:
        main(["reproduce", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "130 "):
        assert f"\n  {code}" in told
    store, run = make_run(requirements=["gone-lib==1.0"])
    name = run.info.run_id
    (workspace / "full").mkdir()
    (workspace / "full/x").write_text("")
    assert reproduce(capsys, "no-such-run")[0] == 1
    code, said = reproduce(capsys, name)
    assert (code, "go on with --without gone-lib" in said) == (1, True)
    assert reproduce(capsys, name, "--without", "gone-lib", "--to", "one")[0] == 0
    assert reproduce(capsys, name, "--no-environment", "--to", "full")[0] == 2
    assert reproduce(capsys, name, "--tolerance", "much")[0] == 2
    store.artifacts(name).write_bytes("notebook/train.ipynb", json.dumps(make_notebook("other()")).encode())
    code, said = reproduce(capsys, name, "--no-environment", "--to", "two")
    assert (code, "was changed" in said) == (2, True)
    assert not (workspace / "two").exists()


def test_a_person_is_asked_before_something_is_installed_and_not_where_nothing_is(
    workspace: Path, package_index: Path, places: Places, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.4: reproducing installs and runs what the run names; a program that calls the command has decided."""
    _, run = make_run()
    capsys.readouterr()
    answers = io.StringIO("n\ny\n")
    monkeypatch.setattr(answers, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", answers)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, said = reproduce(capsys, run.info.run_id, "--to", "one")
    assert (code, "Go on? [y/N]" in said, (workspace / "one").exists()) == (1, True, False)
    assert left_in(places[0]) == []
    for words in (["--to", "two", "--no-environment"], ["--to", "three", "--yes"]):
        code, said = reproduce(capsys, run.info.run_id, *words)
        assert (code, "Go on?" in said) == (0, False)
    code, said = reproduce(capsys, run.info.run_id, "--to", "four", "--no-libraries")
    assert (code, "Libraries of the run will have your rights" in said) == (0, True)


def test_the_magic_clones_a_run_and_says_where(
    workspace: Path, package_index: Path, places: Places, capsys: Captured
) -> None:
    """R7.4, R3.4: with the options of the command."""
    make_run(requirements=["tiny==1.0", "gone-lib==1.0"])
    shell = InteractiveShell()
    extension.load(shell)
    try:
        shell.run_cell("%track reproduce first --to again --without gone-lib --tolerance loss=0.5")
        said = capsys.readouterr().out
        shell.run_cell("%track reproduce first --to more depth=3")
    finally:
        extension.unload(shell)
    (made,) = environments.list_environments()
    notebook = workspace / "again/train.ipynb"
    assert f"{notebook} on the kernel {made.kernel}, without gone-lib" in said
    assert notebook.is_file()
    assert not (workspace / "more").exists()
