"""The commands that delete, restore and purge runs."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from trackside.cli import output
from trackside.cli.place import require_experiment, require_run, require_store
from trackside.entities import LifecycleStage, Run
from trackside.errors import InvalidValueError, plain
from trackside.search import parse_time
from trackside.stores.waiting import counted
from trackside.tracking import deleting, session

if TYPE_CHECKING:
    from trackside.stores.base import Store


def delete(options: Namespace) -> None:
    """Move runs to the trash."""
    store = _require_store(options)
    if _is_by_time(options):
        _move_by_time(options, store, "deleted", lambda which, at, most: deleting.delete_runs(which, at - 1, most))
    else:
        _move(options, LifecycleStage.ACTIVE, "deleted", store.delete_runs)


def restore(options: Namespace) -> None:
    """Bring runs back from the trash."""
    store = _require_store(options)
    if _is_by_time(options):
        _move_by_time(options, store, "restored", deleting.restore_runs)
    else:
        _move(options, LifecycleStage.DELETED, "restored", store.restore_runs)


def purge(options: Namespace) -> None:
    """Remove for good what was deleted long ago."""
    _require_store(options)
    report = deleting.purge(options.older_than, dry_run=not options.yes)
    if options.json:
        runs = [{"run_id": run.run_id, "artifact_bytes": run.artifact_bytes} for run in report.runs]
        experiments = [
            {"experiment_id": one.experiment_id, "name": one.name, "artifact_bytes": one.artifact_bytes}
            for one in report.experiments
        ]
        kept = report.kept_for_models
        output.write_json(
            {"dry_run": report.dry_run, "kept_for_models": kept, "runs": runs, "experiments": experiments}
        )
        return
    for run in report.runs:
        output.say(f"{run.run_id}  {output.show_bytes(run.artifact_bytes)} of artifacts")
        if run.artifacts_left:
            output.note(f"the artifacts of {run.run_id} are left: {run.artifacts_left}")
    for one in report.experiments:
        output.say(f"experiment {plain(one.name)} (id {one.experiment_id})")
        if one.artifacts_left:
            output.note(f"the artifacts of experiment {one.experiment_id} are left: {one.artifacts_left}")
    _summarize(report)


def _require_store(options: Namespace) -> Store:
    """The store of the command, which from then on is that of the process: ``deleting`` works on it."""
    if options.uri:
        session.set_tracking_uri(options.uri)
    return require_store(options)


def _summarize(report: deleting.PurgeReport) -> None:
    if report.kept_for_models:
        output.note(f"{counted(report.kept_for_models, 'run')} kept, because registered model versions come from them")
    removed = "would be removed; --yes does it" if report.dry_run else "removed"
    things = counted(len(report.runs), "run")
    if report.experiments:
        things += f", {counted(len(report.experiments), 'experiment')}"
    output.say(f"{things} and {output.show_bytes(report.artifact_bytes)} of artifacts {removed}")


def _is_by_time(options: Namespace) -> bool:
    """Whether a time names the runs, which then cannot be named one by one as well."""
    if bool(options.runs) == bool(options.time):
        raise InvalidValueError("name either runs or a time", hint="A time looks like 2026-01-31 or 30d.")
    return bool(options.time)


def _move_by_time(options: Namespace, store: Store, done: str, move: Callable[[str, int, int], int]) -> None:
    if not options.experiment:
        raise InvalidValueError("a time is about the runs of one experiment", hint="Name it with --experiment.")
    experiment = require_experiment(store, options.experiment)
    count = move(experiment.experiment_id, parse_time(options.time), options.max)
    if options.json:
        output.write_json({f"runs_{done}": count})
    else:
        output.say(f"{done} {counted(count, 'run')} of experiment {plain(experiment.name)}")


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
    sys.stderr.write(f"{counted(len(family), 'descendant')} as well? [Y/n] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("", "y", "yes")
