"""The command that reproduces a run."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.cli import output
from trackside.cli.place import require_run, require_store
from trackside.errors import TracksideError
from trackside.reproducing import report
from trackside.reproducing.installers import InstallError
from trackside.reproducing.libraries import Origin, choose
from trackside.reproducing.plan import EnvironmentWay, Plan, make_plan
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import Options, Reproduction, read_tolerances, reproduce_run
from trackside.reproducing.verify import Verdict
from trackside.tracking.left_out import read_left_out

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.reproducing.verify import Verification
    from trackside.stores.base import Store

EVERYTHING = "all"
DIFFERENT, NOT_VERIFIED = 3, 4


def reproduce(options: Namespace) -> int:
    """Clone a run's notebook into its environment; 3 where it gives another result, 4 where it fails or logs no run."""
    wanted = _read(options)
    store = require_store(options)
    run = require_run(store, options, options.run)
    plan = _plan(store, run, wanted)
    if EVERYTHING in options.allow:
        ticked = [library.line for library in plan.libraries if library.origin is not Origin.INVALID]
        ticked += plan.shadows
        wanted = _read(options, allowed=ticked)
        plan = _plan(store, run, wanted)
    _announce(plan, wanted)
    _require_consent(plan, wanted, options)
    try:
        progress = Progress(tell=output.note)
        done = reproduce_run(store, run, wanted, progress, near=Path.cwd())
    except InstallError as error:
        raise _with_words(error) from error
    _tell(options, run, done)
    return _code(done.verification)


def _plan(store: Store, run: Run, wanted: Options) -> Plan:
    return make_plan(store, run, folder=wanted.folder, near=Path.cwd(), allowed=wanted.allowed, without=wanted.without)


def _read(options: Namespace, allowed: list[str] | None = None) -> Options:
    tolerance, tolerances = read_tolerances(options.tolerance)
    return Options(
        folder=Path(options.to) if options.to else None,
        environment=options.with_environment,
        libraries=options.with_libraries,
        allowed=options.allow if allowed is None else allowed,
        without=options.without,
        python=options.python,
        from_commit=options.from_commit,
        verify=options.verify,
        own_store=options.own_store,
        tolerance=tolerance,
        tolerances=tolerances,
    )


def _announce(plan: Plan, wanted: Options) -> None:
    """Say what will be done before it is."""
    output.note(f"the notebook goes to {plan.folder}")
    output.note(f"its runs go {_whereto(plan, wanted)}")
    if left_out := read_left_out(plan.run.data.tags):
        output.note(f"the clone lacks what was too large to be kept with the run: {left_out}")
    for file in plan.shadows:
        if file not in wanted.allowed:
            told = f"a kernel beside it runs it as soon as it starts; --allow {file} lets it be written"
            output.note(f"left out: {file} (it is called like an installed package, and {told})")
    if not wanted.environment or plan.environment is None:
        return
    if _is_there(plan, wanted):
        is_shared = plan.way is EnvironmentWay.SHARED
        told = "one that was made for the same libraries" if is_shared else "that of the run, which is still there"
        output.note(f"its environment is {told}; nothing is installed")
        return
    output.note(f"it does not run in the environment of the run: {plan.reason or 'another one was asked for'}")
    if plan.python_fault and not wanted.python:
        nearest = f"; the nearest is {plan.pythons[0].version}" if plan.pythons else ""
        output.note(f"Python {plan.environment.python} cannot be had{nearest} ({plan.python_fault})")
    if plan.pythons and not plan.pythons[0].is_found and not wanted.python:
        output.note(f"Python {plan.pythons[0].version} is downloaded with uv first")
    if wanted.libraries:
        _announce_libraries(plan, wanted)


def _whereto(plan: Plan, wanted: Options) -> str:
    if plan.runs_in and not wanted.own_store:
        return f"beside the original, to {plan.runs_in}; --own-store keeps them in the folder"
    return "where its code or MLFLOW_TRACKING_URI says, else to an mlflow.db in the folder"


def _announce_libraries(plan: Plan, wanted: Options) -> None:
    """Say what is installed from where, and what is not."""
    chosen, _ = choose(plan.libraries, wanted.allowed, wanted.without)
    for library in plan.libraries:
        if library.needs_tick and library not in chosen:
            told = library.reason or f"from {library.origin.value}; --allow {library.line!r} lets it be installed"
            output.note(f"left out: {library.line} ({told})")
        elif library.needs_tick:
            output.note(f"installed, because it was allowed: {library.line}")
    count = sum(library.origin is Origin.INDEX for library in chosen)
    counted = "1 library is" if count == 1 else f"{count} libraries are"
    output.note(f"{counted} installed with {plan.installer.name}, from the index that it is set up for")


def _is_there(plan: Plan, wanted: Options) -> bool:
    """Whether the clone's environment is there already."""
    return plan.way in (EnvironmentWay.ORIGINAL, EnvironmentWay.SHARED) and wanted.libraries and not wanted.python


def _require_consent(plan: Plan, wanted: Options, options: Namespace) -> None:
    """Ask a person before something of the run's is installed or run; a program has decided already."""
    installs = wanted.environment and plan.environment is not None and not _is_there(plan, wanted)
    what = [*(["libraries"] if installs else []), *(["code"] if wanted.verify else [])]
    if not what or options.yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    sys.stderr.write(f"{' and '.join(what).capitalize()} of the run will have your rights. Go on? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise TracksideError("nothing was done")


def _with_words(error: InstallError) -> TracksideError:
    hint = " ".join(f"--without {name}" for name in error.libraries)
    return TracksideError(error.message, hint=f"go on with {hint}" if hint else error.hint)


def _tell(options: Namespace, run: Run, done: Reproduction) -> None:
    if options.json:
        output.write_json(_to_json(run, done))
        return
    output.say(str(done.notebook))
    if done.kernel:
        output.note(f"its kernel is {done.kernel}")
    if done.left_out:
        output.note(f"left out: {', '.join(done.left_out)}")
    if done.verification is not None:
        _tell_verification(run, done.verification)


def _tell_verification(run: Run, verification: Verification) -> None:
    """What differs, by how much, why that may be, and what shows it all."""
    for line in report.lines(verification):
        output.say(line)
    for note in verification.notes:
        output.note(note)
    if verification.verdict is Verdict.DIFFERENT:
        output.note(f"all differences: {report.diff_command(run, verification)}")


def _to_json(run: Run, done: Reproduction) -> dict[str, Any]:
    return {
        "run_id": done.run_id,
        "folder": str(done.folder),
        "notebook": str(done.notebook),
        "kernel": done.kernel,
        "left_out": list(done.left_out),
        "verification": report.to_json(run, done.verification) if done.verification else None,
    }


def _code(verification: Verification | None) -> int:
    if verification is None or verification.verdict is Verdict.SAME:
        return 0
    return DIFFERENT if verification.verdict is Verdict.DIFFERENT else NOT_VERIFIED
