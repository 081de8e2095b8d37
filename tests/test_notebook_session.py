"""The notebook session on a real IPython shell: what it takes down, and that it never gets in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

from trackside.notebook import identity, session
from trackside.notebook.history import CellError, Execution, ExecutionHistory

from .notebook_shells import run, shell_in, sources, sync, write_notebook


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    with shell_in(tmp_path, monkeypatch) as made:
        yield made


def test_executed_cells_are_taken_down_as_typed_with_id_and_times(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    run(shell, "%time a = 1", "one")
    run(shell, "b = 2", "two")
    first, second = watched.executions
    assert (first.number, first.source, first.cell_id) == (1, "%time a = 1", "one")
    assert (second.number, second.source, second.cell_id) == (2, "b = 2", "two")
    assert first.started_ms is not None
    assert first.ended_ms is not None
    assert second.started_ms is not None
    assert first.started_ms <= first.ended_ms <= second.started_ms
    assert first.ok


def test_start_twice_gives_the_same_session_and_registers_once(shell: InteractiveShell) -> None:
    before = len(shell.events.callbacks["pre_run_cell"])
    assert session.start(shell) is session.start(shell) is session.current()
    assert len(shell.events.callbacks["pre_run_cell"]) == before + 1


def test_only_the_run_cell_events_are_hooked(shell: InteractiveShell) -> None:
    """Handlers of pre_execute and post_execute would run for every comm message too."""
    before = {event: len(found) for event, found in shell.events.callbacks.items()}
    session.start(shell)
    more = {event for event, found in shell.events.callbacks.items() if len(found) > before[event]}
    assert more == {"pre_run_cell", "post_run_cell"}


def test_stop_takes_the_hooks_off_and_keeps_what_was_seen(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    run(shell, "1")
    watched.stop()
    run(shell, "2")
    assert sources(watched) == ["1"]
    assert session.current() is None


def test_cells_that_ran_before_the_start_are_known_without_times(shell: InteractiveShell) -> None:
    run(shell, "early = 1")
    watched = session.start(shell)
    assert sources(watched) == ["early = 1"]
    assert watched.executions[0].started_ms is None
    assert watched.current_cell is None


def test_the_cell_that_loads_trackside_is_taken_down_once(shell: InteractiveShell) -> None:
    run(shell, "early = 1")
    source = "from trackside.notebook import session; running = session.start(get_ipython()).current_cell"
    run(shell, source)
    watched = session.current()
    assert watched is not None
    assert sources(watched) == ["early = 1", source]
    assert shell.user_ns["running"].source == source
    assert watched.current_cell is None
    assert watched.executions[1].ok


@pytest.mark.parametrize("options", [{"store_history": False}, {"silent": True}])
def test_silent_executions_are_not_cells(shell: InteractiveShell, options: dict[str, bool]) -> None:
    watched = session.start(shell)
    run(shell, "probe = 1", **options)
    assert watched.executions == ()


def test_a_cell_that_runs_other_code_stays_the_current_one(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    shell.user_ns["watched"] = watched
    source = "%%capture\ninside = watched.current_cell"
    run(shell, source)
    assert sources(watched) == [source]
    assert shell.user_ns["inside"] is watched.executions[0]
    assert watched.current_cell is None


def test_empty_cells_are_not_recorded_and_disturb_nothing(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    run(shell, "")
    run(shell, "  \n ")
    run(shell, "a = 1")
    assert sources(watched) == ["a = 1"]
    assert watched.executions[0].ok


def test_an_end_without_a_beginning_is_still_recorded(shell: InteractiveShell) -> None:
    """Seen with real kernels: the first hook was missing while the second came."""
    watched = session.start(shell)
    shell.events.unregister("pre_run_cell", watched._begin)
    run(shell, "late = 1", "one")
    assert sources(watched) == ["late = 1"]
    assert watched.executions[0].ok


@pytest.mark.parametrize(
    ("source", "error_type", "message", "interrupted"),
    [
        ("1 / 0", "ZeroDivisionError", "division by zero", False),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", "", True),
        ("raise SystemExit(3)", "SystemExit", "3", False),
        ("a = )", "SyntaxError", "unmatched", False),
        ("await_ = 1\nawait missing", "NameError", "name 'missing' is not defined", False),
    ],
)
@pytest.mark.filterwarnings("ignore:To exit")
def test_listeners_get_the_error_of_a_cell(
    shell: InteractiveShell, source: str, error_type: str, message: str, interrupted: bool
) -> None:
    """Step 3: the error's type and message are kept, and an interrupted cell is told apart."""
    ended: list[Execution] = []
    session.start(shell).on_cell_end(ended.append)
    run(shell, source)
    error = ended[0].error
    assert error is not None
    assert (error.type, error.interrupted) == (error_type, interrupted)
    assert error.message.startswith(message)
    assert not ended[0].ok


def test_an_error_whose_text_fails_has_none() -> None:
    class Odd(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise ValueError("no text")

    info = ExecutionInfo("raise Odd", True, False, True, None)
    result = ExecutionResult(info)
    result.error_in_exec = Odd()
    ended = ExecutionHistory().end(result)
    assert ended is not None
    assert ended.error == CellError("Odd", "")


def test_a_failing_hook_reports_once_in_one_line_and_is_taken_off(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = session.start(shell)

    def fail(info: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(watched._history, "begin", fail)
    run(shell, "a = 1")
    run(shell, "b = 2")
    told = [line for line in capsys.readouterr().err.splitlines() if line]
    assert told == ["trackside: watching cells (pre_run_cell) failed and was switched off: RuntimeError: broken"]
    assert shell.user_ns["b"] == 2
    assert session.current() is None


def test_a_failing_listener_is_taken_off_and_the_others_go_on(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    watched, ended = session.start(shell), []

    def fail(execution: Execution) -> None:
        raise RuntimeError("broken")

    watched.on_cell_end(fail)
    watched.on_cell_end(ended.append)
    run(shell, "1;")
    run(shell, "2;")
    assert len(ended) == 2
    assert capsys.readouterr().err.count("broken") == 1


def test_the_id_in_the_file_is_the_notebooks(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """R2.2: the notebook is known by the id in its metadata, without a front end too."""
    write_notebook(Path("work.ipynb"), metadata={"trackside": {"id": "abc"}})
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "work.ipynb")
    watched = session.start(shell)
    assert watched.notebook_id == "abc"
    assert watched.assign_id() == "abc"


def test_an_id_is_assigned_once_and_told_to_listeners(shell: InteractiveShell) -> None:
    watched, told = session.start(shell), []
    watched.on_identified(told.append)
    watched.sync(sync(a="1"))
    assert watched.notebook_id is None
    notebook_id = watched.assign_id()
    assert watched.assign_id() == notebook_id == watched.notebook_id
    assert told == [notebook_id]


def test_an_id_is_told_again_to_each_front_end_that_lacks_it(shell: InteractiveShell) -> None:
    watched, told = session.start(shell), []
    watched.on_identified(told.append)
    notebook_id = watched.assign_id()
    watched.sync(sync(a="1"), host="first")
    watched.sync(sync(a="1"), host="first")
    watched.sync(sync(a="1", notebook_id=notebook_id), host="second")
    assert told == [notebook_id, notebook_id]


def test_a_copy_gets_an_id_of_its_own(shell: InteractiveShell) -> None:
    watched = session.start(shell)
    watched.sync(sync(a="1", notebook_id="the-original"))
    assert watched.assign_id() == "the-original"
    own = watched.assign_id(replace=True)
    watched.sync(sync(a="1", notebook_id="the-original"))
    assert watched.notebook_id == own != "the-original"


def test_the_path_follows_the_front_end_through_renames_and_moves(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R2.2: JPY_SESSION_NAME is the path when the kernel started; renames come from the front end."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sub" / "work.ipynb"))
    watched = session.start(shell)
    assert watched.path == tmp_path / "sub" / "work.ipynb"
    watched.sync(sync("sub/work.ipynb", a="1"))
    watched.sync(sync("elsewhere/other.ipynb", a="1"))
    assert watched.path == tmp_path / "elsewhere" / "other.ipynb"
    assert watched.display_path == "elsewhere/other.ipynb"
    watched.host_closed()
    assert watched.path == tmp_path / "elsewhere" / "other.ipynb"
    assert watched.display_path == "elsewhere/other.ipynb"


def test_a_notebook_renamed_before_the_first_message_is_found(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sub" / "old.ipynb"))
    write_notebook(tmp_path / "sub" / "new.ipynb")
    watched = session.start(shell)
    watched.sync(sync("sub/new.ipynb", a="1"))
    assert watched.path == tmp_path / "sub" / "new.ipynb"


def test_without_a_front_end_the_path_is_shown_from_where_the_kernel_started(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", str(tmp_path / "sub" / "work.ipynb"))
    monkeypatch.setattr(identity, "launcher_of", lambda process_id: identity.Launcher())
    watched = session.start(shell)
    assert watched.display_path == "sub/work.ipynb"


def test_a_path_that_is_not_unicode_can_still_be_shown(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKSIDE_NOTEBOOK", "caf\udce9.ipynb")
    watched = session.start(shell)
    watched.display_path.encode()
    assert watched.capture_revision().file_name.endswith(".ipynb")
