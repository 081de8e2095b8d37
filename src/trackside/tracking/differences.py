"""What is different between two runs, or between a run and the notebook now: cells, params, metrics, environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError, NotFoundError
from trackside.notebook import environment
from trackside.notebook import session as notebook_session
from trackside.notebook.content import read_file
from trackside.notebook.difference import CellChange, compare_notebooks
from trackside.notebook.variables import recorded
from trackside.tracking import session, tag_names
from trackside.tracking.capture import MODULES_JSON
from trackside.tracking.changes import (
    MetricChange,
    TextChange,
    compare_runs,
    describe_machine,
    modules_differ,
    package_versions,
    read_environment,
    read_record,
    text_changes,
)
from trackside.tracking.revisions import fetch_revision, has_revision, require_revision

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.notebook.content import Content
    from trackside.stores.base import Artifacts, Store

_MACHINE = ("python", "system", "machine", "cpu", "gpus", "kernelspec", "executable")


@dataclass(frozen=True, slots=True)
class RunDifference:
    """What is different from one side to the other.

    Attributes:
        before: The run on the one side.
        after: The run on the other side, or None where it is the notebook as it is now.
        notebook: Where the notebook now lies; an empty text between two runs.
        cells: All cells of both sides; None where one of them kept no revision.
        missing: Why there are no cells, or an empty text.
        params: Params that are not the same. Between a run and the notebook now there are none, nor metrics.
        metrics: Metrics whose latest values are not the same.
        environment: What is not the same of local modules (by path, with the beginning of their hash), Python, system,
            hardware and environment variables.
        packages: Packages whose versions are not the same.
    """

    before: Run
    after: Run | None
    notebook: str
    cells: tuple[CellChange, ...] | None
    missing: str
    params: tuple[TextChange, ...]
    metrics: tuple[MetricChange, ...]
    environment: tuple[TextChange, ...]
    packages: tuple[TextChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing is different of what both sides tell."""
        cells = all(change.is_same for change in self.cells or ())
        return cells and not (self.params or self.metrics or self.environment or self.packages)


def diff_runs(before: str, after: str | None = None, *, notebook: str | Path | None = None) -> RunDifference:
    """Compare two runs, or a run with the notebook as it is now.

    Args:
        before: Id of a run.
        after: Id of another run; left out, the notebook takes its place.
        notebook: A notebook file to compare the run with; left out, this kernel's notebook with its unsaved edits,
            else the file that the run's notebook was when it ran.

    Raises:
        RunNotFoundError: There is no such run.
        NotFoundError: There is no notebook to compare the run with, or the run has no revision.
        InvalidValueError: A revision is damaged, or the notebook cannot be read.
    """
    store = session.current_store()
    run = store.get_run(before)
    if after is None:
        return compare_with_notebook(store, run, Path(notebook) if notebook is not None else None)
    if notebook is not None:
        raise InvalidValueError("a run is compared either with another run or with a notebook, and not with both")
    return compare_two(store, run, store.get_run(after))


def compare_two(store: Store, before: Run, after: Run) -> RunDifference:
    """What is different between two runs of a store."""
    changes = compare_runs(store, before, after)
    cells, missing = _compare_revisions(store, before, after)
    records = [read_environment(store.artifacts(run.info.run_id)) for run in (before, after)]
    return RunDifference(
        before,
        after,
        "",
        cells,
        missing,
        changes.params,
        changes.metrics,
        (*_module_changes(store, before, after), *(_machine_changes(*records) if changes.environment_changed else ())),
        changes.packages,
    )


def compare_with_notebook(store: Store, run: Run, path: Path | None = None) -> RunDifference:
    """What is different between a run and a notebook: this kernel's unless a file is named."""
    require_revision(run)
    place, content = _read_notebook(run, path)
    return compare_with_cells(store, run, place, content.cells, is_here=path is None)


def compare_with_cells(
    store: Store, run: Run, notebook: str, cells: Sequence[Mapping[str, Any]], *, is_here: bool = True
) -> RunDifference:
    """What is different between a run and cells of nbformat 4.

    Args:
        store: The run's store.
        run: The run.
        notebook: What the notebook with the cells is called.
        cells: The cells.
        is_here: Whether the notebook runs in this kernel, so that the environment can be compared too.
    """
    revision = fetch_revision(store, run)
    record = read_environment(store.artifacts(run.info.run_id))
    here = environment.capture().record if is_here and notebook_session.current() is not None else None
    return RunDifference(
        run,
        None,
        notebook,
        compare_notebooks(revision.notebook, {"cells": cells}),
        "",
        (),
        (),
        _machine_changes(record, here),
        _package_changes(record, here),
    )


def _compare_revisions(store: Store, before: Run, after: Run) -> tuple[tuple[CellChange, ...] | None, str]:
    without = [run.info.run_name for run in (before, after) if not has_revision(run)]
    if len(without) > 1:
        return None, f"no notebook revision was kept for {without[0]!r} and {without[1]!r}"
    if without:
        return None, f"no notebook revision was kept for {without[0]!r}"
    old, new = (fetch_revision(store, run).notebook for run in (before, after))
    return compare_notebooks(old, new), ""


def _read_notebook(run: Run, path: Path | None) -> tuple[str, Content]:
    """The notebook now, and how it is called."""
    current = notebook_session.current()
    if path is None and current is not None and (current.is_live or current.path is not None):
        return current.display_path, current.content()
    found = path or Path(run.data.tags.get(tag_names.NOTEBOOK_PATH) or "notebook.ipynb")
    if not found.is_file():
        raise NotFoundError(f"there is no notebook {str(found)!r} here to compare the run with", hint="name its file")
    try:
        return str(found), read_file(found)
    except InvalidValueError as error:
        raise InvalidValueError(f"{found} cannot be compared: {error.message}") from error


def _package_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[TextChange, ...]:
    return text_changes(package_versions(before), package_versions(after)) if before and after else ()


def _machine_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[TextChange, ...]:
    return text_changes(_machine(before), _machine(after)) if before and after else ()


def _module_changes(store: Store, before: Run, after: Run) -> tuple[TextChange, ...]:
    """Local modules by their path, with the beginning of their hash."""
    if not modules_differ(before, after):
        return ()
    return text_changes(*(_module_hashes(store.artifacts(run.info.run_id)) for run in (before, after)))


def _module_hashes(artifacts: Artifacts) -> dict[str, str]:
    entries = (read_record(artifacts, MODULES_JSON) or {}).get("modules")
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {str(entry.get("path")): str(entry.get("sha256"))[:12] for entry in found}


def _machine(record: Mapping[str, Any]) -> dict[str, str]:
    """For people to read; what is compared is what may change results or speed, environment variables included."""
    told = describe_machine(record)
    texts = {key: ", ".join(told[key]) if key == "gpus" else str(told[key] or "") for key in _MACHINE}
    return {key: text for key, text in texts.items() if text} | recorded(record)
