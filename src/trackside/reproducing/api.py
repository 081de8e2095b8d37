"""`trackside.reproduce` and its like: what the dialog does, from Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from trackside.reproducing.availability import check_run
from trackside.reproducing.plan import Plan, make_plan
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import DEFAULT_TOLERANCE, Options, Reproduction, reproduce_run
from trackside.tracking import session


def reproduce(
    run_id: str,
    to: str | os.PathLike[str] | None = None,
    *,
    environment: bool = True,
    libraries: bool = True,
    allow: Collection[str] = (),
    without: Collection[str] = (),
    python: str = "",
    from_commit: bool = False,
    verify: bool = False,
    tolerance: float | Mapping[str, float] = DEFAULT_TOLERANCE,
    own_store: bool = False,
    log: Callable[[str], object] | None = None,
) -> Reproduction:
    """Clone a run's notebook into the environment that it had; this installs what the run had installed.

    Args:
        run_id: The run, in the store in use.
        to: A folder that is new or empty; default: ``<notebook>-<run name>`` beside the notebook that is open.
        environment: False to clone only the notebook.
        libraries: False for an environment without the run's libraries.
        allow: Lines of ``reproduction_plan(run_id).libraries`` that need a tick, and files of its ``shadows``.
        without: Names of libraries to go on without.
        python: The interpreter or the version to take; default: the nearest to the run's.
        from_commit: Take the notebook from git where the run kept no revision.
        verify: Run the clone, and compare its params and metrics with the run's.
        tolerance: Relative difference of metrics that counts as the same, or such by metric (the others: 1e-6).
        own_store: Let the clone's runs go to an ``mlflow.db`` of its own folder, and not beside the original.
        log: Called with each line that there is to tell.

    Raises:
        InstallError: A library or the Python cannot be had; its ``libraries`` names those to go on without.
        TracksideError: There is no such run or notebook, the revision is damaged, or the folder cannot be used.
    """
    folder = Path(to) if to is not None else None
    common, single = (DEFAULT_TOLERANCE, tolerance) if isinstance(tolerance, Mapping) else (tolerance, {})
    chosen = (folder, environment, libraries, allow, without, python, from_commit, verify, common, single, own_store)
    return _reproduce(run_id, Options(*chosen), Progress(tell=log) if log else Progress())


def _reproduce(run_id: str, options: Options, progress: Progress) -> Reproduction:
    store = session.current_store()
    return reproduce_run(store, store.get_run(run_id), options, progress)


def reproduction_plan(run_id: str, to: str | os.PathLike[str] | None = None) -> Plan:
    """What ``reproduce`` would do: files, environment, Python, libraries and where they come from.

    Raises:
        InvalidValueError: The revision is damaged.
        NotFoundError: The run is not there, or neither its revision nor its commit is.
    """
    store = session.current_store()
    return make_plan(store, store.get_run(run_id), folder=to)


def unavailable_libraries(run_id: str) -> tuple[str, ...]:
    """Lines of a run's ``requirements.txt`` that cannot be had any more; this asks the package index.

    Raises:
        InstallError: The index did not answer for all of them.
        RunNotFoundError: There is no such run.
    """
    store = session.current_store()
    found = check_run(store, store.get_run(run_id).info.run_id)
    if found.fault is not None:
        raise found.fault
    return found.missing
