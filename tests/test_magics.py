"""``%track`` and ``%%track`` in a real IPython shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.magics import report, words
from trackside.magics.grammar import WORDS
from trackside.tracking import session

from .notebook_shells import terminal_in

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def shell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    with terminal_in(workspace, monkeypatch) as made:
        yield made


def run(shell: InteractiveShell, source: str, **options: Any) -> Any:
    return shell.run_cell(source, **{"store_history": True, **options})


def only_run() -> trackside.Run:
    (found,) = trackside.search_runs(["0"], output_format="list")
    return found


def refused(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], source: str) -> str:
    """The one line that a wrong magic gets."""
    capsys.readouterr()
    result = run(shell, source)
    assert not result.success
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("UsageError: ")
    return line.removeprefix("UsageError: ")


def test_a_cell_is_a_run(shell: InteractiveShell) -> None:
    """R3.4: name, params, quotes as in a shell, values of expressions."""
    shell.user_ns["rate"] = 0.1
    run(
        shell, "%%track 'my run' depth=3 rate={rate / 2} \"kind=two words\" --tag stage=draft --note '*why*'\nx = 6 * 7"
    )
    found = only_run()
    assert found.info.run_name == "my run"
    assert found.info.status == "FINISHED"
    assert found.data.params == {"depth": "3", "rate": "0.05", "kind": "two words"}
    assert found.data.tags["stage"] == "draft"
    assert found.data.tags["mlflow.note.content"] == "*why*"
    assert shell.user_ns["x"] == 42
    assert trackside.active_run() is None


def test_what_the_cell_logs_goes_to_its_run(shell: InteractiveShell) -> None:
    run(shell, "%%track\nimport trackside\ntrackside.log_metric('loss', 0.5)\n%track log accuracy=1 --step 2")
    assert only_run().data.metrics == {"loss": 0.5, "accuracy": 1.0}


def test_the_last_value_is_shown_as_without_the_magic(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(shell, "%%track\nx = 20\nx + 1")
    assert result.result == 21
    assert "21" in capsys.readouterr().out
    assert run(shell, "%%track\n1;").result is None or "1" not in capsys.readouterr().out


def test_a_cell_may_await(shell: InteractiveShell) -> None:
    result = run(shell, "%%track waits\nimport asyncio\nawait asyncio.sleep(0)\n'done'")
    assert result.success
    assert result.result == "done"
    assert only_run().info.status == "FINISHED"


def test_runs_are_searched_with_a_filter(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """R8.1: as it is written, quotes included; a mistake is shown at its place."""
    for name in ("tree", "forest"):
        run(shell, f"%track start {name} model={name}\n%track end")
    capsys.readouterr()
    run(shell, "%track search params.model = 'forest'")
    found = capsys.readouterr().out
    assert "forest" in found
    assert "tree" not in found
    run(shell, "%track search metrics.x > 5")
    assert "no such runs" in capsys.readouterr().out
    run(shell, "%track search metrics.x >")
    shown = capsys.readouterr()
    assert "^" in shown.out + shown.err


def test_a_failing_cell_shows_its_own_traceback_once(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """R3.4: the run is FAILED."""
    result = run(shell, "%%track broken\ndef f():\n    raise ValueError('boom')\n\n\n\n\nf()")
    assert isinstance(result.error_in_exec, ValueError)
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert text.count("Traceback") == 1
    assert text.count("ValueError: boom") == 1
    assert "----> 8 f()" in text
    assert "site-packages" not in text
    assert "magics" not in text
    found = only_run()
    assert found.info.status == "FAILED"
    assert found.data.tags["trackside.error.message"] == "boom"


def test_a_cell_that_does_not_compile_makes_no_run(shell: InteractiveShell) -> None:
    assert not run(shell, "%%track\nx ===").success
    assert len(trackside.search_runs(["0"])) == 0
    run(shell, "%%track after\npass")
    assert only_run().info.run_name == "after"


def test_a_cell_inside_an_active_run_is_nested(shell: InteractiveShell) -> None:
    """R1.9"""
    with trackside.start_run() as outer:
        run(shell, "%%track inner\npass")
    (inner,) = [found for found in trackside.search_runs(["0"], output_format="list") if found.info.run_name == "inner"]
    assert inner.data.tags["mlflow.parentRunId"] == outer.info.run_id


def test_other_cell_magics_work_inside_and_around(shell: InteractiveShell) -> None:
    run(shell, "%%track one\n%%capture shown\nprint('x')")
    run(shell, "%%capture shown\n%%track two\nprint('y')")
    run(shell, "%%track three\n%%track four\nz = 1")
    found = {found.info.run_name: found for found in trackside.search_runs(["0"], output_format="list")}
    assert set(found) == {"one", "two", "three", "four"}
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    assert found["four"].data.tags["mlflow.parentRunId"] == found["three"].info.run_id
    assert shell.user_ns["shown"].stdout == "y\n"
    assert trackside.active_run() is None


def test_a_cell_that_runs_cells_keeps_its_run(shell: InteractiveShell) -> None:
    shell.user_ns["shell"] = shell
    run(shell, "%%track outer\nshell.run_cell('1 / 0')\nimport trackside\ntrackside.log_metric('after', 1)")
    assert only_run().info.status == "FINISHED"
    assert only_run().data.metrics == {"after": 1.0}


def test_a_cell_that_ends_its_run_itself_is_fine(shell: InteractiveShell) -> None:
    run(shell, "%%track\n%track end --status KILLED")
    assert only_run().info.status == "KILLED"


def test_a_param_that_is_refused_leaves_no_active_run(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(shell, capsys, "%%track 'bad\\key!=1'\nshell_ran = True")
    assert "param key" in line
    assert trackside.active_run() is None
    assert "shell_ran" not in shell.user_ns
    assert run(shell, "1").success


def test_run_cell_magic_works_too(shell: InteractiveShell) -> None:
    shell.run_cell_magic("track", "called depth=1", "x = 1")
    assert only_run().data.params == {"depth": "1"}
    assert shell.user_ns["x"] == 1


def test_a_run_over_several_cells(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """R3.4: start, log, tag, note, end."""
    run(shell, "%track start baseline depth=3 --tag stage=draft")
    assert "run baseline started in experiment Default" in capsys.readouterr().out
    run(shell, "best = 0.75")
    run(shell, "%track log loss=0.5 accuracy=best --step 4 --param optimizer=adam")
    run(shell, "%track tag stage=final 'team=data science'")
    run(shell, "%track tag --delete team")
    run(shell, "%track note It's **fine**, isn't it")
    run(shell, "%track note")
    assert "It's **fine**, isn't it" in capsys.readouterr().out
    run(shell, "%track end")
    assert "run baseline ended: FINISHED" in capsys.readouterr().out
    found = only_run()
    assert found.data.params == {"depth": "3", "optimizer": "adam"}
    assert found.data.metrics == {"loss": 0.5, "accuracy": 0.75}
    assert found.data.latest["loss"].step == 4
    assert found.data.tags["stage"] == "final"
    assert "team" not in found.data.tags
    assert found.info.status == "FINISHED"


def test_end_takes_a_status(shell: InteractiveShell) -> None:
    run(shell, "%track start")
    run(shell, "%track end --status failed")
    assert only_run().info.status == "FAILED"


def test_start_may_nest(shell: InteractiveShell) -> None:
    run(shell, "%track start outer")
    run(shell, "%track start inner --nested")
    assert len(trackside.search_runs(["0"])) == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%track strat", "%track knows no word 'strat' (did you mean %track start?)"),
        ("%track xyzzy", "known words: status, start, end"),
        ("%track log loss=high", "metric 'loss' must be a number or a variable that holds one, not 'high' (a text is"),
        ("%track log a=1 a=2", "a is given twice: as '1' and as '2'"),
        ("%track log --param a=1 --param a=2", "a is given twice"),
        ("%track log 3", "expected KEY=NUMBER, not '3'"),
        ("%track log", "nothing to log"),
        ("%track log a=1 --step x", "--step takes a whole number, not 'x'"),
        ("%track log a=1 --step", "the option --step needs a value"),
        ("%track log a=text_variable", "metric 'a' of run"),
        ("%track tag", "no tag was given"),
        ("%track tag =1", "expected key=value, not '=1'"),
        ("%track tag 'a", "No closing quotation"),
        ("%track end", "no run is active, so there is none to end"),
        ("%track note", "no run is active"),
        ("%track runs many", "%track runs takes a whole number, not 'many'"),
        ("%track runs 0", "a number from 1 to 1000"),
        ("%track show nothing", "experiment Default has no run named 'nothing'"),
        ("%track status now", "takes nothing behind it"),
        ("%track start --bad", "there is no option --bad (known here: --nested, --tag, --note)"),
        ("%track start --nestd", "there is no option --nestd (did you mean --nested?)"),
        ("%track uri a b", "takes one URI"),
        ("%%track --nested\npass", "there is no option --nested"),
        ("%%track 'open\npass", "No closing quotation"),
    ],
)
def test_a_wrong_magic_gets_one_clear_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], source: str, expected: str
) -> None:
    """R3.4: no traceback."""
    shell.user_ns["text_variable"] = "text"
    assert expected in refused(shell, capsys, source)


def test_a_second_start_gets_the_way_out_in_one_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%track start one")
    assert "%track end, or start the new run inside it with %track start --nested" in refused(
        shell, capsys, "%track start two"
    )


def test_trouble_with_the_store_is_one_line_and_the_cell_goes_on(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    (workspace / "broken.db").write_text("no database " * 500)
    session.set_tracking_uri(f"sqlite:///{workspace}/broken.db")
    result = run(shell, "%track start\nreached = True")
    assert result.success
    assert shell.user_ns["reached"]
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("Trackside: ")
    assert "broken.db" in err


def test_a_cell_says_once_that_the_server_is_away(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    for _ in range(2):
        run(shell, "%track runs\n%track show x\n%track search metrics.a > 1\n%track experiment other")
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("Trackside: ")
        assert "127.0.0.1:9" in line


def test_no_run_steers_the_terminal(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;title\x07\x9b31m\u202eevil"
    with trackside.start_run(run_name=evil) as first:
        trackside.log_param("depth", evil)
        trackside.set_note(f"{evil}\n{evil}")
    with trackside.start_run(run_name=evil) as second:
        trackside.log_metric("acc", 1)
    one, two = first.info.run_id, second.info.run_id
    for line in ("runs", f"show {one}", f"diff {one} {two}", "search params.depth LIKE '%evil%'", "status"):
        run(shell, f"%track {line}")
        shown = capsys.readouterr().out
        assert shown
        assert all(part.isprintable() for part in shown.split("\n")), line


def test_what_is_mistyped_gets_what_was_meant(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%track start one\n%track log accuracy=1\n%track end")
    run(shell, "%track search metrics.acuracy > 0")
    assert "no such runs; did you mean metrics.accuracy?" in capsys.readouterr().out
    said = refused(shell, capsys, "%track compare --experiment Defualt")
    assert said.endswith("no experiment with the name or id 'Defualt' (Did you mean 'Default'?)")


def test_the_status_tells_what_is_tracked(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%track")
    shown = capsys.readouterr().out
    assert "Default" in shown
    assert "mlflow.db" in shown
    assert "active run  none" in shown
    run(shell, "%track start mine")
    run(shell, "%track status")
    assert "mine (id" in capsys.readouterr().out


def test_asking_makes_nothing(shell: InteractiveShell, workspace: Path) -> None:
    for word in ("status", "runs", "uri", "experiment", "help"):
        assert run(shell, f"%track {word}").success
    assert not list(workspace.glob("*.db"))


def test_the_latest_runs_are_listed(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%track runs")
    assert "experiment Default has no runs yet" in capsys.readouterr().out
    for name in ("one", "two", "three"):
        run(shell, f"%%track {name} depth=1\n%track log loss=0.25")
    capsys.readouterr()
    run(shell, "%track runs 2")
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["run", "status", "started", "duration", "depth", "loss"]
    assert [line.split()[0] for line in lines] == ["three", "two"]
    assert lines[0].split()[-2:] == ["1", "0.25"]


@pytest.mark.parametrize("by", ["name", "id", "beginning"])
def test_a_run_is_shown(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], by: str) -> None:
    run(shell, "%%track one depth=3 --tag stage=draft --note why\n%track log loss=0.5")
    run(shell, "%%track two\npass")
    run_id = next(
        found.info.run_id
        for found in trackside.search_runs(["0"], output_format="list")
        if found.info.run_name == "one"
    )
    capsys.readouterr()
    run(shell, f"%track show {'one' if by == 'name' else run_id if by == 'id' else run_id[:8]}")
    shown = capsys.readouterr().out
    for part in (f"one (id {run_id})", "param depth", "metric loss", "tag stage", "why", "FINISHED"):
        assert part in shown
    assert "mlflow." not in shown
    run(shell, "%track show")
    assert "two (id" in capsys.readouterr().out


def test_the_experiment_is_chosen_and_shown(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%track experiment my work")
    assert "runs go to experiment my work (id 1)" in capsys.readouterr().out
    run(shell, "%%track\npass")
    assert len(trackside.search_runs(experiment_names=["my work"])) == 1
    run(shell, "%track experiment")
    assert "my work" in capsys.readouterr().out


def test_the_store_is_chosen_and_shown(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    run(shell, f"%track uri sqlite:///{workspace}/other.db")
    assert f"runs live in sqlite:///{workspace}/other.db" in capsys.readouterr().out
    before = session.get_tracking_uri()
    run(shell, "%track uri foo://bar")
    assert "unknown scheme 'foo'" in capsys.readouterr().err
    assert session.get_tracking_uri() == before


def test_the_documentation_has_every_word_with_examples(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%track help")
    shown = capsys.readouterr().out
    run(shell, "%track --help")
    assert capsys.readouterr().out == shown
    for word in WORDS:
        assert f"\n%track {word}" in shown
        assert callable(getattr(words, word))
    assert max(map(len, shown.splitlines())) <= 120
    assert "%%track " in shown
    assert "__cell__" not in shown
    info = shell.object_inspect("%track")
    assert info["found"]
    assert "%track log loss=0.31" in info["docstring"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b", "two\nlines", "x" * 10_000, "🚀"])
def test_names_are_shown_as_text_never_as_markup(text: str) -> None:
    """Bad input: what runs contain is hostile."""
    table = report.Table(("<b>",), [(text,)])
    markup = table._repr_html_()
    assert "<script" not in markup
    assert "<b>" not in markup
    assert len(markup) < 1000
    assert len(repr(table).splitlines()) == 2
