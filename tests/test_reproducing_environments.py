"""Environments that are made for runs: shared, listed, removed; whole or not there at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import trackside
from trackside.cli import main
from trackside.errors import NotFoundError
from trackside.reproducing import availability, downloads, environments, installers, pythons
from trackside.reproducing.installers import InstallError
from trackside.reproducing.libraries import read_line
from trackside.reproducing.progress import Progress, StepState
from trackside.reproducing.reproduction import Options, reproduce_run

from .reproducing_world import left_in, make_record, make_run, make_wheel, package_index, places
from .servers import Answer, SmallServer

__all__ = ["package_index", "places"]

Places = tuple[Path, Path]


def installed_in(python: Path) -> dict[str, str]:
    program = "import json, importlib.metadata as m; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    answer = subprocess.run([str(python), "-c", program], capture_output=True, check=True, cwd=python.parent)
    return dict(json.loads(answer.stdout))


def test_an_environment_is_made_once_listed_and_removed(
    workspace: Path, package_index: Path, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    """R7.2: a new environment with the run's libraries, registered as a kernel; shared by what is in it."""
    store, run = make_run(requirements=["tiny==1.0", "small-lib==2.0"])
    progress = Progress()
    done = reproduce_run(store, run, Options(), progress)
    assert [step.state for step in progress.steps] == [StepState.DONE] * 6
    (made,) = trackside.list_environments()
    assert done.kernel == made.kernel
    spec = json.loads((places[1] / made.kernel / "kernel.json").read_text())
    assert spec["argv"][0] == str(made.program)
    found = installed_in(made.program)
    assert found["tiny"] == "1.0"
    assert found["small-lib"] == "2.0"
    assert found["trackside"] == trackside.__version__
    assert found["ipykernel"] == "99.0"
    assert (made.folder / "etc/ipython/startup/50-trackside.py").is_file()

    again = reproduce_run(store, run, Options(), Progress())
    assert again.kernel == done.kernel
    assert again.folder != done.folder
    (places[1] / made.kernel / "kernel.json").unlink()
    assert reproduce_run(store, run, Options(), Progress()).kernel == made.kernel
    assert (places[1] / made.kernel / "kernel.json").is_file()

    assert main(["env", "list"]) == 0
    assert made.key in capsys.readouterr().out
    assert main(["env", "remove", "nothing"]) == 1
    assert main(["env", "remove"]) == 2
    assert main(["env", "remove", made.key[:6]]) == 0
    assert left_in(places[0]) == left_in(places[1]) == []
    with pytest.raises(NotFoundError):
        trackside.remove_environment(made.key)


def test_pip_makes_the_same_where_there_is_no_uv(
    workspace: Path, package_index: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.2: `venv` and `pip`."""
    for module in (installers, pythons, downloads):
        monkeypatch.setattr(module, "find_uv", lambda: None)
    store, run = make_run(requirements=["tiny==9.9", "small-lib==2.0"])
    done = reproduce_run(store, run, Options(without=("tiny",)), Progress())
    (made,) = environments.list_environments()
    assert "small-lib" in installed_in(made.program)
    assert done.left_out == ("tiny",)


def test_what_is_gone_from_the_index_is_named_and_can_be_left_out(
    workspace: Path, package_index: Path, places: Places
) -> None:
    """R7.2: all that is gone at once, nothing half-made stays, and the clone says what it lacks."""
    store, run = make_run(requirements=["gone-lib==1.0", "tiny==1.0", "lost==3"])
    progress = Progress()
    with pytest.raises(InstallError, match="could not be installed") as caught:
        reproduce_run(store, run, Options(), progress)
    assert sorted(caught.value.libraries) == ["gone-lib", "lost"]
    assert StepState.FAILED in [step.state for step in progress.steps]
    assert left_in(places[0]) == left_in(places[1]) == []
    assert not list(workspace.glob("train-*"))
    done = reproduce_run(store, run, Options(without=("gone-lib", "lost")), Progress())
    metadata = json.loads(done.notebook.read_text())["metadata"]
    assert metadata["trackside"]["reproduces"]["left_out"] == ["gone-lib", "lost"]
    assert metadata["kernelspec"]["name"] == done.kernel


def test_no_network_is_said_and_no_library_is_blamed(
    workspace: Path, package_index: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.2"""
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.delenv("PIP_NO_INDEX")
    store, run = make_run()
    with pytest.raises(InstallError, match="index cannot be reached") as caught:
        reproduce_run(store, run, Options(), Progress())
    assert caught.value.libraries == ()
    assert left_in(places[0]) == []
    libraries = [read_line("tiny==1.0")]
    found = availability.check(installers.find_installer(), sys.executable, libraries)
    assert found.missing == ()
    assert "gave no answer" in str(found.fault)


def test_only_the_kernel_is_installed_without_the_libraries(
    workspace: Path, package_index: Path, places: Places
) -> None:
    """R7.1: unticking the libraries does not install them."""
    store, run = make_run(requirements=["tiny==1.0", "ipykernel==1.0"])
    done = reproduce_run(store, run, Options(libraries=False), Progress())
    (made,) = environments.list_environments()
    assert "tiny" not in installed_in(made.program)
    assert set(done.left_out) == {"tiny", "ipykernel"}


def test_a_line_with_a_path_is_installed_only_when_it_is_ticked(
    workspace: Path, package_index: Path, places: Places
) -> None:
    """R7.2: and a hostile one never; nothing reaches a shell."""
    wheel = make_wheel(workspace, "own", "1.0")
    line, hostile = f"own @ {wheel.as_uri()}", "evil; touch hacked"
    store, run = make_run(requirements=["tiny==1.0", line, hostile, "$(touch hacked)"])
    done = reproduce_run(store, run, Options(), Progress())
    assert done.left_out == ("own", hostile, "$(touch hacked)")
    done = reproduce_run(store, run, Options(allowed=(line, hostile)), Progress())
    assert "own" not in done.left_out
    found = [installed_in(made.program) for made in environments.list_environments()]
    assert sorted("own" in one for one in found) == [False, True]
    assert not list(workspace.rglob("hacked"))


def test_a_kernel_whose_interpreter_is_gone_is_removed(workspace: Path, places: Places) -> None:
    """R7.2: but none that Trackside did not make."""
    for name in ("trackside-original-1", "theirs"):
        (places[1] / name).mkdir(parents=True)
        (places[1] / name / "kernel.json").write_text(json.dumps({"argv": ["/nowhere/bin/python"]}))
    environments.sweep()
    assert left_in(places[1]) == ["theirs"]


def test_the_nearest_python_comes_first_and_what_cannot_be_had_is_said(
    workspace: Path,
    package_index: Path,
    places: Places,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R7.2: the same version, else the nearest; an older one than Trackside runs on never."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    assert pythons.find_pythons(here)[0].is_exact
    found = pythons.find_pythons("3.11.99")
    assert not any(one.is_exact for one in found)
    assert found == tuple(sorted(found, key=lambda one: pythons.distance(one, "3.11.99")))
    assert all(pythons.parts_of(one.version) >= (3, 10, 0) for one in found)

    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    python = {**make_record()["python"], "version": "3.11.99"}
    _, run = make_run(record=make_record(python=python))
    assert main(["reproduce", run.info.run_id, "--python", "2.7"]) == 1
    told = capsys.readouterr().err
    assert "there is no Python 2.7" in told
    assert main(["reproduce", run.info.run_id, "--no-libraries", "--to", "near"]) == 0
    assert "Python 3.11.99 cannot be had; the nearest is" in capsys.readouterr().err


def test_a_python_that_a_virtual_environment_hides_on_the_path_is_found(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.2: the system may have another release of the same 3.x as the environment that this kernel runs in."""
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for place, release in (("venv", "90"), ("system", "91")):
        program = workspace / place / minor
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho CPython {minor.removeprefix('python')}.{release}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(workspace / "venv"), str(workspace / "system")]))
    wanted = f"{minor.removeprefix('python')}.91"
    assert pythons.find_pythons(wanted)[0] == pythons.Python(
        str(workspace / "system" / minor), wanted, is_found=True, is_exact=True
    )


def test_a_python_on_which_trackside_does_not_run_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """R7.2: and that is why, not the network."""
    monkeypatch.setattr(downloads, "find_offer", lambda version: downloads.Offer(version, "file:///there"))
    monkeypatch.setattr(downloads, "fault_of", lambda _offer: "")
    found = pythons.find_pythons("3.9.1")
    assert found
    assert all(one.is_found for one in found)
    assert pythons.find_fault("3.9.1", found) == "Trackside does not run on it"


@pytest.mark.skipif(installers.find_uv() is None, reason="only uv fetches Pythons")
def test_a_python_that_cannot_be_fetched_is_not_offered(
    workspace: Path,
    package_index: Path,
    places: Places,
    small_server: SmallServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """R7.2: whether it is where uv would fetch it from is asked beforehand; the nearest is offered."""
    for name in ("PATH", "HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(workspace / "nothing"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    minor = "3.12" if sys.version_info[:2] == (3, 11) else "3.11"
    offer = downloads.find_offer(minor)
    assert offer is not None
    _, run = make_run(record=make_record(python={**make_record()["python"], "version": offer.version}))
    for mirror, told in ((small_server.url, "answers with 404"), ("http://127.0.0.1:9", "cannot be reached")):
        monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", mirror)
        plan = trackside.reproduction_plan(run.info.run_id)
        assert told in plan.python_fault
        assert [one.version for one in plan.pythons if not one.is_found] == []
        assert plan.pythons

    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", f"{small_server.url}/now")
    place = urlsplit(offer.address).path.partition("/releases/download")[2]
    small_server.answers[f"/now{place}"] = [Answer(body=b"this is no archive")]
    plan = trackside.reproduction_plan(run.info.run_id)
    assert (plan.pythons[0].id, plan.pythons[0].is_exact, plan.python_fault) == (offer.version, True, "")
    with pytest.raises(InstallError, match=f"Python {offer.version} could not be fetched") as caught:
        trackside.reproduce(run.info.run_id)
    assert caught.value.hint == "Choose another Python."
    assert main(["reproduce", run.info.run_id]) == 1
    assert f"Python {offer.version} is downloaded with uv first" in capsys.readouterr().err
    assert left_in(places[0]) == left_in(places[1]) == []
