"""What reproducing a run would do, found out before anything is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import TracksideError
from trackside.notebook import session as notebook_session
from trackside.reproducing import environments, kept, kernelspecs, matching, own_copy, pythons
from trackside.reproducing.clone import absolute, propose_folder, require_folder
from trackside.reproducing.environments import Contents
from trackside.reproducing.installers import Installer, find_installer
from trackside.reproducing.libraries import Library, choose, read_libraries
from trackside.reproducing.modules import find_shadows
from trackside.tracking import folder_store

if TYPE_CHECKING:
    import os

    from trackside.entities import Run
    from trackside.reproducing.kept import KeptEnvironment, KeptNotebook
    from trackside.reproducing.pythons import Python
    from trackside.stores.base import Store


class EnvironmentWay(str, Enum):
    """What the clone runs in."""

    ORIGINAL = "original"
    SHARED = "shared"
    NEW = "new"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Plan:
    """What reproducing a run would do.

    Attributes:
        run: The run.
        notebook: What is cloned.
        folder: Where to.
        folder_fault: Why the clone cannot go there, or None.
        environment: What the run recorded of its environment, or None.
        way: What the clone runs in.
        kernel: The kernel that is there already, or an empty text.
        reason: Why the clone does not run in the original environment, or an empty text.
        pythons: What a new environment can be made with, the best first; empty where none is needed.
        python_fault: Why the run's own version is not among them, or an empty text.
        installer: What installs.
        libraries: What the run had installed.
        shadows: The files that are called like an installed package, and are only written if somebody agrees.
        runs_in: The original's store, to which the clone's runs go too; empty where its code or its kernel says where.
    """

    run: Run
    notebook: KeptNotebook
    folder: Path
    folder_fault: TracksideError | None
    environment: KeptEnvironment | None
    way: EnvironmentWay
    kernel: str = ""
    reason: str = ""
    pythons: tuple[Python, ...] = ()
    python_fault: str = ""
    installer: Installer = field(default_factory=lambda: find_installer())
    libraries: tuple[Library, ...] = ()
    shadows: tuple[str, ...] = ()
    runs_in: str = ""

    @property
    def files(self) -> list[str]:
        """What is written below the folder, the notebook first."""
        return [self.notebook.file_name, *self.notebook.files]


def make_plan(
    store: Store,
    run: Run,
    *,
    folder: str | os.PathLike[str] | None = None,
    near: Path | None = None,
    environment: bool = True,
    allowed: Collection[str] = (),
    without: Collection[str] = (),
) -> Plan:
    """Find out what reproducing a run would do.

    Args:
        store: Where the run lives.
        run: The run.
        folder: Where the clone goes; default: a new folder.
        near: The folder beside which a new folder is proposed; default: that of the notebook that is open.
        environment: Whether the clone is to get an environment like the run's.
        allowed: Lines that need a tick and got one.
        without: Names of libraries to go on without.

    Raises:
        InvalidValueError: The revision is damaged.
        NotFoundError: No revision was kept, and git does not have the notebook either.
    """
    notebook = kept.read_notebook(store, run)
    chosen = absolute(folder) if folder else _propose(near or kept.place_here(), notebook, run)
    found = kept.read_environment(store.artifacts(run.info.run_id))
    plan = Plan(run, notebook, chosen, _fault_of(chosen), found, EnvironmentWay.UNKNOWN)
    runs_in = store.uri if folder_store.file_text(store.uri) else ""
    plan = replace(plan, shadows=find_shadows(notebook.files), runs_in=runs_in)
    if found is None or not environment:
        return replace(plan, kernel=_kernel_here(), reason="" if found else "the run recorded no environment")
    plan = replace(plan, libraries=read_libraries(found.requirements))
    reason = "" if without else matching.find_difference(found)
    if not reason and not without:
        return replace(plan, way=EnvironmentWay.ORIGINAL, kernel=_kernel_of_original(found))
    return _with_new_environment(replace(plan, reason=reason), found, allowed, without)


def into(plan: Plan, folder: str | os.PathLike[str]) -> Plan:
    """The same plan for another folder."""
    chosen = absolute(folder)
    return replace(plan, folder=chosen, folder_fault=_fault_of(chosen))


def _with_new_environment(
    plan: Plan, found: KeptEnvironment, allowed: Collection[str], without: Collection[str]
) -> Plan:
    """The plan with a Python to make an environment with, and the one that is there already."""
    choices = matching.find_pythons_like(found)
    plan = replace(plan, pythons=choices, python_fault=pythons.find_fault(found.python, choices))
    python = choices[0].version if choices else found.python
    shared = environments.find_environment(contents_of(python, plan.libraries, allowed, without).key)
    if shared is None:
        return replace(plan, way=EnvironmentWay.NEW)
    return replace(plan, way=EnvironmentWay.SHARED, kernel=shared.kernel)


def _propose(near: Path, notebook: KeptNotebook, run: Run) -> Path:
    return propose_folder(near, notebook.file_name, run.info.run_name)


def contents_of(
    python: str, libraries: Collection[Library], allowed: Collection[str], without: Collection[str]
) -> Contents:
    """What an environment for these libraries holds."""
    chosen, _ = choose(libraries, allowed, without)
    return Contents(python, tuple(library.line for library in chosen), own_copy.version())


def _fault_of(folder: Path) -> TracksideError | None:
    try:
        require_folder(folder)
    except TracksideError as error:
        return error
    return None


def _kernel_here() -> str:
    current = notebook_session.current()
    return current.kernelspec if current is not None else ""


def _kernel_of_original(found: KeptEnvironment) -> str:
    """The kernel of the run's interpreter; an empty text where it has none yet, and gets one."""
    import sys

    program = matching.original_program(found)
    if program is not None and program == Path(sys.executable) and _kernel_here():
        return _kernel_here()
    return kernelspecs.find_for(program, str(found.record.get("kernelspec", ""))) if program else ""
