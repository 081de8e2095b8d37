"""The commands that delete, restore and purge runs."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from trackside.cli import output
from trackside.cli.place import require_run, require_store
from trackside.entities import LifecycleStage, Run
from trackside.errors import plain
from trackside.tracking import deleting, session

if TYPE_CHECKING:
    from trackside.stores.base import Store


def delete(options: Namespace) -> None:
    """Move runs to the trash."""
    _move(options, LifecycleStage.ACTIVE, "deleted", _require_store(options).delete_runs)


def restore(options: Namespace) -> None:
    """Bring runs back from the trash."""
    _move(options, LifecycleStage.DELETED, "restored", _require_store(options).restore_runs)


def purge(options: Namespace) -> None:
    """Remove for good what was deleted long ago."""
    _require_store(options)
    report = deleting.purge(options.older_than, dry_run=not options.yes)
    if options.json:
        runs = [{"run_id": run.run_id, "artifact_bytes": run.artifact_bytes} for run in report.runs]
        output.write_json({"dry_run": report.dry_run, "kept_for_models": report.kept_for_models, "runs": runs})
        return
    for run in report.runs:
        output.say(f"{run.run_id}  {output.show_bytes(run.artifact_bytes)} of artifacts")
        if run.artifacts_left:
            output.note(f"the artifacts of {run.run_id} are left: {run.artifacts_left}")
    _summarize(report)


def _require_store(options: Namespace) -> Store:
    """The store of the command, which from then on is that of the process: ``deleting`` works on it."""
    if options.uri:
        session.set_tracking_uri(options.uri)
    return require_store(options)


def _summarize(report: deleting.PurgeReport) -> None:
    if report.kept_for_models:
        output.note(f"{_counted(report.kept_for_models)} kept, because registered model versions come from them")
    removed = "would be removed; --yes does it" if report.dry_run else "removed"
    output.say(f"{_counted(len(report.runs))} and {output.show_bytes(report.artifact_bytes)} of artifacts {removed}")


def _move(options: Namespace, stage: LifecycleStage, done: str, move: Callable[[Iterable[str]], None]) -> None:
    store = require_store(options)
    runs = {run.info.run_id: run for run in (require_run(store, options, text) for text in options.runs)}
    if options.descendants is not False:
        family = deleting.find_descendants(runs, stage=stage)
        if family and (options.descendants or _ask(family)):
            runs |= {run.info.run_id: run for run in family}
    move(runs)
    if options.json:
        output.write_json({done: list(runs)})
    else:
        for run in runs.values():
            output.say(f"{done} {plain(run.info.run_name)} ({run.info.run_id})")


def _ask(family: list[Run]) -> bool:
    """Whether descendants go along; yes where nobody can be asked."""
    if not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{_counted(len(family), 'descendant')} as well? [Y/n] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("", "y", "yes")


def _counted(count: int, what: str = "run") -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
