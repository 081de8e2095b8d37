"""Reproducing a run, from the plan to the clone on its kernel, and if wanted to the proof."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import InvalidValueError, NotFoundError
from trackside.reproducing import kernelspecs, matching
from trackside.reproducing.building import Builder
from trackside.reproducing.clone import Links, cloned_notebook, require_folder, write_clone
from trackside.reproducing.environments import kernel_of
from trackside.reproducing.installers import InstallError
from trackside.reproducing.libraries import choose, require_names
from trackside.reproducing.plan import EnvironmentWay, Plan, contents_of, make_plan
from trackside.reproducing.progress import NEW_ENVIRONMENT, Progress, StepName

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.reproducing.pythons import Python
    from trackside.reproducing.verify import Verification
    from trackside.stores.base import Store

DEFAULT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Options:
    """What reproducing is to do.

    Attributes:
        folder: Where the clone goes, new or empty; None for a new folder.
        environment: Whether the clone gets an environment like the run's.
        libraries: Whether that gets the run's libraries.
        allowed: Lines of libraries that are not plain ``name==version`` and are installed all the same, and files that
            are called like an installed package and are written all the same.
        without: Names of libraries to go on without.
        python: The interpreter or version to take; empty for the nearest.
        from_commit: Whether the notebook may come from git where no revision was kept.
        verify: Whether the clone is run and compared.
        tolerance: Relative difference of metrics that counts as the same.
        tolerances: The same for single metrics.
        own_store: Whether runs of the clone go where MLflow puts them, and not beside the original.
    """

    folder: Path | None = None
    environment: bool = True
    libraries: bool = True
    allowed: Collection[str] = ()
    without: Collection[str] = ()
    python: str = ""
    from_commit: bool = False
    verify: bool = False
    tolerance: float = DEFAULT_TOLERANCE
    tolerances: Mapping[str, float] = field(default_factory=dict)
    own_store: bool = False


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of it.

    Attributes:
        run_id: The run that was reproduced.
        folder: Where the clone lies.
        notebook: The cloned notebook.
        kernel: Name of the kernel that it runs on; empty for the one that it names itself.
        left_out: Libraries of the run that its environment does not have, and files that were not written.
        verification: How the clone's results compare, or None where that was not asked for.
    """

    run_id: str
    folder: Path
    notebook: Path
    kernel: str
    left_out: tuple[str, ...] = ()
    verification: Verification | None = None


def read_tolerances(texts: Iterable[str]) -> tuple[float, dict[str, float]]:
    """The tolerance for all metrics and those for single ones, from ``1e-3`` and ``metric=1e-3``.

    Raises:
        InvalidValueError: One of them is no number from 0 up.
    """
    common, single = DEFAULT_TOLERANCE, dict[str, float]()
    for text in texts:
        key, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not value >= 0:
            raise InvalidValueError(f"{text!r} is no tolerance", hint="such as 1e-6, or accuracy=0.01")
        if key:
            single[key] = value
        else:
            common = value
    return common, single


def reproduce_run(
    store: Store,
    run: Run,
    options: Options,
    progress: Progress,
    *,
    near: Path | None = None,
    on_clone: Callable[[Reproduction], object] = lambda _done: None,
) -> Reproduction:
    """Clone a run of a store into an environment like the one it had, and verify it where that is wanted.

    Args:
        store: Where the run lives.
        run: The run.
        options: What to do.
        progress: Hears of each step, and stops them.
        near: The folder beside which a new folder is made; default: that of the notebook that is open.
        on_clone: Called when the clone can be opened, before it is verified.

    Raises:
        TracksideError: Something went wrong; nothing half-made is left.
    """
    _check(options)
    progress.expect(_steps(options))
    with progress.step(StepName.READ):
        plan = _plan(store, run, options, near)
        folder = _require_cloneable(plan, options)
    links = _find_kernel(plan, options, progress)
    with progress.step(StepName.NOTEBOOK):
        done = _write(store, plan, options, folder, links)
    on_clone(done)
    if not options.verify:
        return done
    from trackside.reproducing.verify import verify

    return replace(done, verification=verify(store, run, plan, done, options, progress))


def _write(store: Store, plan: Plan, options: Options, folder: Path, links: Links) -> Reproduction:
    """The clone, without the files that nobody agreed to."""
    run, refused = plan.run, [file for file in plan.shadows if file not in options.allowed]
    told = replace(links, left_out=[*links.left_out, *refused])
    content = cloned_notebook(store, run, plan.notebook, told)
    found = plan.notebook.without(refused)
    notebook = write_clone(folder, content, found, store, run, own_store=options.own_store)
    return Reproduction(run.info.run_id, folder, notebook, told.kernel, tuple(told.left_out))


def _plan(store: Store, run: Run, options: Options, near: Path | None) -> Plan:
    return make_plan(
        *(store, run),
        folder=options.folder,
        near=near,
        environment=options.environment,
        allowed=options.allowed,
        without=options.without,
    )


def _check(options: Options) -> None:
    require_names(options.without)
    for told in (options.tolerance, *options.tolerances.values()):
        if isinstance(told, bool) or not isinstance(told, int | float) or not told >= 0:
            raise InvalidValueError(f"a tolerance is a number from 0 up, not {told!r:.40}")


def _steps(options: Options) -> list[StepName]:
    made = [*NEW_ENVIRONMENT, StepName.KERNEL] if options.environment else []
    verified = [StepName.RUN, StepName.COMPARE] if options.verify else []
    return [StepName.READ, *made, StepName.NOTEBOOK, *verified]


def _require_cloneable(plan: Plan, options: Options) -> Path:
    if plan.folder_fault is not None:
        raise plan.folder_fault
    if plan.notebook.is_commit and not options.from_commit:
        raise NotFoundError(
            f"run {plan.run.info.run_name!r} has no notebook revision; git has {plan.notebook.file_name!r} at its "
            f"commit {plan.notebook.version[:12]}, which may not be what ran",
            hint="Say that the commit will do: from_commit=True, or --from-commit.",
        )
    return require_folder(plan.folder)


def _find_kernel(plan: Plan, options: Options, progress: Progress) -> Links:
    """The kernel that the clone is attached to, and what is made for it."""
    if not options.environment:
        return Links()
    is_as_it_was = options.libraries and not options.python and not options.without
    if plan.environment is None or (plan.way is EnvironmentWay.ORIGINAL and is_as_it_was):
        progress.expect([name for name in _steps(options) if name not in NEW_ENVIRONMENT])
        with progress.step(StepName.KERNEL):
            kernel = plan.kernel or _register_original(plan)
            progress.note(StepName.KERNEL, kernel)
        return Links(kernel, kernelspecs.display_name_of(kernel))
    chosen, left_out = choose(plan.libraries, options.allowed, options.without)
    if not options.libraries:
        chosen, left_out = [], [library.name or library.line for library in plan.libraries]
    python = _choose_python(plan, options.python)
    contents = contents_of(python.version, chosen, options.allowed, ())
    made = Builder(plan.installer, chosen, plan.run.info.run_id, progress).build(python, contents)
    return Links(made.kernel, made.display_name, left_out)


def _register_original(plan: Plan) -> str:
    """A kernel for the run's own interpreter, which had none that can be found."""
    program = matching.original_program(plan.environment) if plan.environment else None
    if program is None:
        return ""
    digest = hashlib.sha256(os.fsencode(program)).hexdigest()
    kernel = kernel_of(f"original-{digest[:8]}")
    kernelspecs.register(kernel, program, f"Python ({program.parent.parent.name})")
    return kernel


def _choose_python(plan: Plan, wanted: str) -> Python:
    choices = plan.pythons or (matching.find_pythons_like(plan.environment) if plan.environment else ())
    fitting = [python for python in choices if not wanted or wanted in (python.id, python.version)]
    if not fitting:
        told = ", ".join(python.version for python in choices) or "none"
        version = wanted or (plan.environment.python if plan.environment else "")
        raise InstallError(
            f"there is no Python {version} to make the environment with", hint=f"Those that can be had: {told}."
        )
    return fitting[0]
