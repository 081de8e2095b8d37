"""What a hostile run records of its Python: nothing that lies somewhere is started because a run says so."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from trackside.reproducing import availability
from trackside.reproducing.plan import EnvironmentWay, Plan, make_plan
from trackside.reproducing.pythons import find_recorded

from .permissions import as_anybody
from .reproducing_world import PYTHON, make_record, make_run, package_index, places

__all__ = ["package_index", "places"]

STRANGER = 54_321

needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="the trap is a shell script")


def make_trap(folder: Path, name: str = "python") -> tuple[Path, Path]:
    """A program in an environment's folder that says in a file that it was started."""
    program, said = folder / "env" / "bin" / name, folder / "said"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho started > {said}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, said


def plan_with(program: Path) -> Plan:
    """The plan for a run that recorded this program; the index is asked as the dialog asks it."""
    python = {"version": PYTHON, "executable": str(program), "base_executable": str(program)}
    store, run = make_run(record=make_record(python=python))
    availability.check_run(store, run.info.run_id)
    return make_plan(store, run)


@on_posix
def test_only_what_is_called_python_is_asked(workspace: Path, package_index: Path, places: tuple[Path, Path]) -> None:
    """R7.2: a plan starts no other program that a run names as its interpreter."""
    program, said = make_trap(workspace, "payload")
    plan = plan_with(program)
    assert (plan.way, plan.reason) == (EnvironmentWay.NEW, f"{program} is no Python of yours")
    assert not said.exists()


@on_posix
@needs_root
@pytest.mark.parametrize("foreign", ["env/bin/python", "env/bin", "env"])
def test_a_python_that_somebody_else_put_there_is_not_asked(
    workspace: Path, package_index: Path, places: tuple[Path, Path], foreign: str
) -> None:
    """R7.2: such as into the shared folder of a team's artifacts."""
    program, said = make_trap(workspace)
    os.chown(workspace / foreign, STRANGER, STRANGER)
    plan = plan_with(program)
    assert (plan.way, plan.reason) == (EnvironmentWay.NEW, f"{program} is no Python of yours")
    assert not said.exists()


@on_posix
@needs_root
def test_a_foreign_link_to_a_real_python_is_not_asked(tmp_path: Path) -> None:
    """R7.2: the folder around the link says which libraries are loaded."""
    link = tmp_path / "env" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(sys.executable)
    assert find_recorded(str(link)) == link
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    assert find_recorded(str(link)) is None


@pytest.mark.parametrize(
    "told", ["", "python", "bin/python", "//host/share/python.exe", "\\\\host\\share\\python.exe", "/usr\0/bin/python"]
)
def test_a_path_that_may_lead_anywhere_is_none(told: str) -> None:
    """R7.2: a shared folder on Windows would already get the user's password hash."""
    assert find_recorded(told) is None


@on_posix
def test_a_folder_that_may_not_be_looked_at_holds_none(tmp_path: Path) -> None:
    program, _ = make_trap(tmp_path)
    program.parent.chmod(0)
    assert as_anybody(lambda: find_recorded(str(program))) is None
    program.parent.chmod(stat.S_IRWXU)


def test_the_own_interpreter_is_one() -> None:
    assert find_recorded(sys.executable) == Path(sys.executable)


def test_a_version_is_no_option(workspace: Path, places: tuple[Path, Path]) -> None:
    """R7.2: uv is asked for the version, so it must not be able to say something else to uv."""
    for told in ("--config-file=/shared/uv.toml", "3.11 --x", "-1.2"):
        store, run = make_run(record=make_record(python={"version": told, "executable": "/nowhere/python"}))
        plan = make_plan(store, run)
        assert plan.environment is not None
        assert plan.environment.python == ""
        assert plan.pythons[0].is_found
