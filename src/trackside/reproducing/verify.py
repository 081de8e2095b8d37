"""The proof: the clone is run from top to bottom, and what it logs is held against the original."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from trackside import settings
from trackside.entities import Run, Tag
from trackside.notebook.variables import recorded
from trackside.reproducing import kept, report
from trackside.reproducing.comparing import (
    Comparison,
    CurveComparison,
    compare,
    compare_points,
    is_of_the_system,
    most_alike,
)
from trackside.reproducing.execute import FAILED
from trackside.reproducing.installers import InstallError
from trackside.reproducing.nested import NestedComparison, pairs_below
from trackside.reproducing.process import run as run_program
from trackside.reproducing.progress import StepName
from trackside.reproducing.reasons import Reason, Witnesses, find_changes, find_reasons
from trackside.search.nodes import Comparison as Condition
from trackside.search.nodes import Field, Filter, Kind, Operator
from trackside.stores.base import RunQuery
from trackside.tracking import tag_names
from trackside.tracking.source import context_tags

if TYPE_CHECKING:
    from trackside.reproducing.plan import Plan
    from trackside.reproducing.progress import Progress
    from trackside.reproducing.reproduction import Options, Reproduction
    from trackside.stores.base import Store

MAX_RUNS = 1_000


class Verdict(str, Enum):
    """What came of running the clone."""

    SAME = "same"
    DIFFERENT = "different"
    FAILED = "failed"
    NO_RUN = "no-run"


@dataclass(frozen=True, slots=True)
class Verification:
    """How the clone's run compares with the original.

    Attributes:
        verdict: The result in a word.
        run_id: The new run, or None where none was logged.
        error: What failed, or an empty text.
        comparison: All params and metrics of both runs.
        nested: The same of the runs below them.
        notes: What else there is to know of the comparison, in sentences.
        reasons: Why results may differ, the likeliest first; empty where they are the same.
        report: Artifact of the new run that tells the same as a page, or an empty text.
    """

    verdict: Verdict
    run_id: str | None = None
    error: str = ""
    comparison: Comparison = field(default_factory=Comparison)
    reasons: tuple[Reason, ...] = ()
    report: str = ""
    nested: tuple[NestedComparison, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differing(self) -> tuple[str, ...]:
        """The keys of all that differs, also in nested runs."""
        return (*self.comparison.differing, *(key for one in self.nested for key in one.comparison.differing))


def verify(
    store: Store, run: Run, plan: Plan, done: Reproduction, options: Options, progress: Progress
) -> Verification:
    """Run the clone, and compare its run with the original.

    The new run is tagged with the original's id and the verdict, and gets the report as artifacts.

    Raises:
        InstallError: The notebook could not be run at all.
        CancelledError: It was stopped.
    """
    token = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="trackside-", ignore_cleanup_errors=True) as folder:
        executed = Path(folder) / done.notebook.name
        with progress.step(StepName.RUN):
            error = _execute(done, executed, _environment(store, run, plan, done, token), progress)
        with progress.step(StepName.COMPARE):
            store.flush()
            made = _runs_of(store, token)
            found = most_alike(run, made)
            if found is None:
                return Verification(Verdict.FAILED if error else Verdict.NO_RUN, error=error)
            verification = _compare(_Pair(store, run, found, options, progress), plan, error, len(made))
            _keep(store, run, verification, executed)
            return verification


def _execute(done: Reproduction, executed: Path, environment: Mapping[str, str], progress: Progress) -> str:
    """Run the notebook; what failed, or an empty text."""
    command = [sys.executable, "-m", "trackside.reproducing.execute", str(done.notebook), done.kernel, str(executed)]
    ended = run_program(command, log=progress.log, cancel=progress.cancel, environment=environment, folder=done.folder)
    if ended.code not in (0, FAILED):
        raise InstallError(f"the notebook could not be run: {ended.lines[-1] if ended.lines else 'no reason given'}")
    return ended.lines[-1] if ended.code == FAILED and ended.lines else ""


def _environment(store: Store, run: Run, plan: Plan, done: Reproduction, token: str) -> dict[str, str]:
    """The variables of the kernel: those of here, those that the run recorded, and where its runs go."""
    ours = {
        settings.TRACKING_URI.name: store.uri,
        settings.EXPERIMENT_ID.name: run.info.experiment_id,
        settings.RUN_CONTEXT.name: json.dumps({**context_tags(), tag_names.REPRODUCTION: token}),
        settings.NOTEBOOK.name: str(done.notebook),
    }
    dropped = {"JPY_SESSION_NAME", "IPYNB_FILE", settings.EXPERIMENT_NAME.name, settings.RUN_ID.name}
    kept_here = {name: value for name, value in os.environ.items() if name not in dropped}
    then = recorded(plan.environment.record) if plan.environment else {}
    return {name: value for name, value in {**kept_here, **then, **ours}.items() if value}


def _runs_of(store: Store, token: str) -> list[Run]:
    """The runs that were logged while the clone ran, in whatever experiment."""
    condition = Condition(Field(Kind.TAG, tag_names.REPRODUCTION), Operator.EQ, token)
    experiments = tuple(experiment.experiment_id for experiment in store.list_experiments())
    return list(store.search_runs(RunQuery(experiments, max_results=MAX_RUNS, filter=Filter("", condition))).items)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A run and the one that repeats it, in a store."""

    store: Store
    before: Run
    after: Run
    options: Options
    progress: Progress

    def compare(self) -> Comparison:
        """Params, latest values, and all points of what both runs logged."""
        both = [key for key in self.before.data.metrics if key in self.after.data.metrics and not is_of_the_system(key)]
        return compare(
            *(self.before, self.after, self.options.tolerance, self.options.tolerances),
            curves={key: self._compare_points(key) for key in both},
        )

    def compare_nested(self) -> tuple[NestedComparison, ...]:
        """The same for the runs below them."""
        pairs = pairs_below(self.store, self.before, self.after)
        return tuple(self._compare_nested(before, after) for before, after in pairs)

    def _compare_points(self, key: str) -> CurveComparison:
        self.progress.cancel.check()
        return compare_points(*(self.store.metric_history(run.info.run_id, key) for run in (self.before, self.after)))

    def _compare_nested(self, before: Run | None, after: Run | None) -> NestedComparison:
        runs = [run.info for run in (before, after) if run is not None]
        found = Comparison() if before is None or after is None else replace(self, before=before, after=after).compare()
        ids = (before.info.run_id if before else None, after.info.run_id if after else None)
        return NestedComparison(runs[0].run_name, *ids, found)


def _compare(pair: _Pair, plan: Plan, error: str, made: int) -> Verification:
    found = Verification(Verdict.SAME, pair.after.info.run_id, error, pair.compare(), nested=pair.compare_nested())
    is_same = found.comparison.is_same and all(one.is_same for one in found.nested)
    verdict = Verdict.FAILED if error else Verdict.SAME if is_same else Verdict.DIFFERENT
    new = kept.read_environment(pair.store.artifacts(pair.after.info.run_id))
    seen = Witnesses(
        pair.before, pair.after, plan.environment, new, plan.notebook.notebook, tuple(dict.fromkeys(found.differing))
    )
    return replace(
        found,
        verdict=verdict,
        reasons=find_reasons(seen) if verdict is Verdict.DIFFERENT else (),
        report=report.PAGE,
        notes=tuple(_notes(pair, seen, verdict, others=made - 1 - sum(one.after is not None for one in found.nested))),
    )


def _notes(pair: _Pair, seen: Witnesses, verdict: Verdict, others: int) -> Iterator[str]:
    """What somebody who reads the verdict would ask next."""
    common, single = pair.options.tolerance, pair.options.tolerances
    yield f"Metrics may differ by {common:g}, relative to the larger value, at each point."
    for key, tolerance in single.items():
        yield f"With a tolerance of its own: {key}, {tolerance:g}."
    changes = [one.text for one in find_changes(seen)] if verdict is Verdict.SAME else []
    yield from changes
    if verdict is Verdict.SAME and not changes:
        yield "Python, libraries and machine are those of the run."
    if any(is_of_the_system(key) for key in pair.before.data.metrics):
        yield "What was measured of the system is not compared."
    if others == 1:
        yield "Another run that the notebook logged is not compared."
    elif others > 1:
        yield f"{others} other runs that the notebook logged are not compared."


def _keep(store: Store, run: Run, verification: Verification, executed: Path) -> None:
    """Tag the new run, and store the report and the executed notebook with it."""
    if verification.run_id is None:
        return
    tags = {tag_names.REPRODUCES: run.info.run_id, tag_names.REPRODUCTION_VERDICT: verification.verdict.value}
    store.log_batch(verification.run_id, tags=[Tag(key, value) for key, value in tags.items()])
    artifacts = store.artifacts(verification.run_id)
    for path, text in report.write(run, verification).items():
        artifacts.write_bytes(path, text.encode("utf-8", "replace"))
    if executed.is_file():
        artifacts.write_bytes(f"{report.FOLDER}/{executed.name}", executed.read_bytes())
    store.flush()
