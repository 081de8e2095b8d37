"""Reproductions that are stopped, killed, or run out of what they need: nothing half-made stays."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trackside.errors import StoreReadOnlyError
from trackside.reproducing import environments
from trackside.reproducing.disk import FREE_SPACE
from trackside.reproducing.installers import Installer, InstallError
from trackside.reproducing.process import CancelledError
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import Options, reproduce_run

from .permissions import as_anybody
from .processes import Program
from .reproducing_world import cancelled_at, is_running, left_in, make_run, package_index, places, wait_for

__all__ = ["package_index", "places"]

Places = tuple[Path, Path]


def write_slow_installer(folder: Path) -> tuple[Path, Path]:
    """An installer that makes a folder, starts a child and goes on until it is stopped; the file says that it began."""
    began, script = folder / "began", folder / "slow.py"
    script.write_text(
        "import pathlib, subprocess, sys, time\n"
        "if 'venv' in sys.argv:\n"
        "    pathlib.Path(sys.argv[-1]).mkdir()\n"
        "else:\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"    pathlib.Path({str(began)!r}).write_text(str(child.pid))\n"
        "    time.sleep(600)\n"
    )
    program = folder / "slow"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {script} "$@"\n')
    program.chmod(0o755)
    return program, began


def use(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a program in the place of uv."""
    monkeypatch.setattr("trackside.reproducing.plan.find_installer", lambda: Installer("uv", str(program)))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_cancelling_stops_all_programs_and_leaves_nothing(
    workspace: Path, package_index: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.2: progress can be cancelled, at any moment; the step that went on is marked so."""
    program, began = write_slow_installer(workspace)
    use(program, monkeypatch)
    store, run = make_run()
    progress = Progress()
    with cancelled_at(began, progress), pytest.raises(CancelledError):
        reproduce_run(store, run, Options(), progress)
    wait_for(lambda: not is_running(int(began.read_text())))
    states = {step.name.value: step.state.value for step in progress.steps}
    assert (states["environment"], states["libraries"], states["kernel"]) == ("done", "cancelled", "waiting")
    assert left_in(places[0]) == left_in(places[1]) == []
    assert not list(workspace.glob("train-*"))
    with pytest.raises(CancelledError):
        reproduce_run(store, run, Options(), progress)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_a_kernel_that_ends_takes_its_reproductions_along(
    workspace: Path, package_index: Path, places: Places, script_environment: dict[str, str]
) -> None:
    """R7.2: nothing half-made stays, and no program goes on."""
    program, began = write_slow_installer(workspace)
    _, run = make_run()
    source = (
        "import pathlib, time, trackside\n"
        "from trackside.reproducing import plan\n"
        "from trackside.reproducing.installers import Installer\n"
        "from trackside.reproducing.jobs import jobs\n"
        "from trackside.reproducing.reproduction import Options\n"
        "from trackside.stores.uri import open_store\n"
        f"plan.find_installer = lambda: Installer('uv', {str(program)!r})\n"
        "store = open_store('sqlite:///mlflow.db')\n"
        f"jobs.start(store, store.get_run({run.info.run_id!r}), Options(), lambda job: None)\n"
        f"while not pathlib.Path({str(began)!r}).exists():\n    time.sleep(0.1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], env=script_environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    wait_for(lambda: not is_running(int(began.read_text())))
    assert left_in(places[0]) == left_in(places[1]) == []
    assert not list(workspace.glob("train-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_a_command_that_is_interrupted_leaves_nothing(workspace: Path, package_index: Path, places: Places) -> None:
    """R7.4: it ends with 130."""
    installer, began = write_slow_installer(workspace)
    _, run = make_run()
    program = Program(
        f"""
        import sys
        from trackside.cli import main
        from trackside.reproducing import plan
        from trackside.reproducing.installers import Installer
        plan.find_installer = lambda: Installer("uv", {str(installer)!r})
        sys.exit(main(["reproduce", {run.info.run_id!r}]))
        """
    )
    wait_for(lambda: began.exists() and began.read_text())
    program.process.send_signal(signal.SIGINT)
    program.process.communicate(timeout=240)
    assert program.process.returncode == 130
    wait_for(lambda: not is_running(int(began.read_text())))
    assert left_in(places[0]) == left_in(places[1]) == []
    assert not list(workspace.glob("train-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_what_a_killed_process_left_is_removed_when_somebody_looks(
    workspace: Path, package_index: Path, places: Places, script_environment: dict[str, str]
) -> None:
    """R7.2: nothing half-made stays after a killed kernel; what another process still builds is left alone."""
    program = (
        "import sys\n"
        "from trackside.reproducing.environments import building\n"
        "from trackside.reproducing.process import Cancel\n"
        "with building('0123456789ab', Cancel()) as (folder, lock):\n"
        "    folder.mkdir()\n"
        "    (folder / 'half').write_text('x')\n"
        "    print('built', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], env=script_environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"built\n"
        assert environments.list_environments() == ()
        assert left_in(places[0]) == ["0123456789ab"]
        process.kill()
        process.wait()
    assert environments.list_environments() == ()
    assert left_in(places[0]) == []


def test_a_folder_that_cannot_be_written_is_named(
    workspace: Path, package_index: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.2: that of environments, and that of kernels, for which nothing was made in vain."""
    store, run = make_run()
    for folder, told in ((places[0], "TRACKSIDE_ENVIRONMENTS_DIR"), (places[1].parent, "JUPYTER_DATA_DIR")):
        folder.chmod(0o500)
        with pytest.raises(StoreReadOnlyError, match=told):
            as_anybody(lambda: reproduce_run(store, run, Options(), Progress()))
        folder.chmod(0o700)
        assert left_in(places[0]) == left_in(places[1].parent) == []
        assert not list(workspace.glob("train-*"))


def test_what_an_installer_says_of_a_full_disk_is_told(
    workspace: Path, package_index: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.2: that first, then the installer's own words."""
    program, says = workspace / "full", "error: failed to write: No space left on device (os error 28)"
    program.write_text(f'#!/bin/sh\nmkdir -p "$7"\necho "{says}"\nexit 2\n')
    program.chmod(0o755)
    use(program, monkeypatch)
    store, run = make_run()
    with pytest.raises(InstallError, match=r"^the disk is full, so .*No space left on") as caught:
        reproduce_run(store, run, Options(), Progress())
    assert (caught.value.libraries, caught.value.hint) == ((), FREE_SPACE)
    assert left_in(places[0]) == []


ALONE = ("unshare", "--map-root-user", "--mount")
"""What lets a program mount disks that nobody else sees."""
SMALL_DISK = "import os, sys; assert os.system('mount -t tmpfs -o size=1m none ' + sys.argv[1]) == 0"
SMALL_FILES = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_a_full_disk_is_said_and_leaves_nothing(
    workspace: Path, package_index: Path, places: Places, script_environment: dict[str, str]
) -> None:
    """R7.2: the system itself refuses to write; each file is limited where nobody may mount a small disk."""
    trial = [*ALONE, sys.executable, "-c", SMALL_DISK, str(workspace)]
    can_mount = bool(shutil.which(ALONE[0])) and subprocess.run(trial, capture_output=True, check=False).returncode == 0
    _, run = make_run()
    program = (
        f"{SMALL_DISK if can_mount else SMALL_FILES}\nimport os, sys, trackside\n"
        f"try:\n    trackside.reproduce({run.info.run_id!r}, 'clone')\n"
        "except trackside.TracksideError as error:\n    print(error)\n"
        "print(sorted(name for name in os.listdir(sys.argv[1]) if not name.endswith('.lock')))\n"
    )
    command = [*(ALONE if can_mount else ()), sys.executable, "-c", program, str(places[0])]
    done = subprocess.run(command, env=script_environment, capture_output=True, text=True, check=False)
    assert f"hint: {FREE_SPACE}" in done.stdout, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert left_in(places[1].parent) == []
    assert not (workspace / "clone").exists()
