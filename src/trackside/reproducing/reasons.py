"""Why a run that was repeated may have another result, from what both runs and the notebook tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from trackside.notebook.seeds import find_seeds, uses_chance
from trackside.tracking import tag_names
from trackside.tracking.changes import package_versions, text_changes
from trackside.tracking.inputs import read_inputs

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.reproducing.kept import KeptEnvironment

_MOST_NAMED = 5
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_DRAWS_IN_PARALLEL = ("n_jobs", "num_workers", "nthread", "num_threads", "parallelism")
_TIMED = re.compile(
    r"(?:^|[^a-z])(?:time|times|seconds?|secs?|millis|ms|duration|elapsed|latency|runtime|throughput)(?:$|[^a-z])",
    re.IGNORECASE,
)
"""Names of metrics that tell how long something took."""
_SPARK = ("pyspark", "spark.")


class Kind(str, Enum):
    """What may be to blame."""

    DATA = "data"
    CODE = "code"
    SEED = "seed"
    PYTHON = "python"
    LIBRARIES = "libraries"
    THREADS = "threads"
    HARDWARE = "hardware"
    ORDER = "order"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why results may differ, in one sentence."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Witnesses:
    """All that is looked at.

    Attributes:
        before: The original run.
        after: The new run.
        old: The environment that the original recorded.
        new: The environment that the new run recorded.
        notebook: The notebook that was run.
        differing: The keys of all that differs.
    """

    before: Run
    after: Run
    old: KeptEnvironment | None
    new: KeptEnvironment | None
    notebook: Mapping[str, Any]
    differing: tuple[str, ...] = ()

    @property
    def sources(self) -> list[str]:
        """The code, cell by cell."""
        cells = self.notebook.get("cells", [])
        return [str(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code"]


def find_reasons(seen: Witnesses) -> tuple[Reason, ...]:
    """What may be to blame, the likeliest first. Never empty: at last, what the code did in another order."""
    seeming = [*_time(seen), *_data(seen), *_code(seen), *_seed(seen), *find_changes(seen), *_threads(seen)]
    return (*seeming, *_unknown_data(seen), *_order(seen))


def _time(seen: Witnesses) -> Iterator[Reason]:
    timed = [key for key in seen.differing if _TIMED.search(key)]
    if timed:
        yield Reason(Kind.TIME, f"Times are never the same; give them a tolerance of their own: {_named(timed)}.")


def _data(seen: Witnesses) -> Iterator[Reason]:
    old, new = read_inputs(seen.before), read_inputs(seen.after)
    changed = [name for name, one in old.items() if name in new and new[name].sha256 != one.sha256]
    gone = [name for name in old if name not in new]
    if changed:
        yield Reason(Kind.DATA, f"The content of {_named(changed)} is not what the run read.")
    if gone:
        yield Reason(Kind.DATA, f"The new run did not log {_named(gone)} as input.")


def _unknown_data(seen: Witnesses) -> Iterator[Reason]:
    if not read_inputs(seen.before):
        text = "The run did not record what data it read; trackside.log_input(path) keeps a file's hash."
        yield Reason(Kind.DATA, text)


def _code(seen: Witnesses) -> Iterator[Reason]:
    tags = seen.before.data.tags
    if not tags.get(tag_names.REVISION_SHA256):
        text = "The notebook comes from git, because no revision was kept, and may have had other edits."
        yield Reason(Kind.CODE, text)
    cells = [cell for cell in seen.notebook.get("cells", []) if cell.get("cell_type") == "code"]
    orders = [order for cell in cells if (order := _order_of(cell))]
    if any(len(order) > 1 for order in orders):
        yield Reason(
            Kind.CODE, "The run came after cells that had been executed more than once; the clone ran each once."
        )
    elif [order[0] for order in orders] != sorted(order[0] for order in orders):
        yield Reason(Kind.CODE, "The cells were executed in another order than they stand in the notebook.")


def _order_of(cell: Mapping[str, Any]) -> list[int]:
    ours = cell.get("metadata", {}).get("trackside", {})
    order = ours.get("execution_order", []) if isinstance(ours, dict) else []
    return [number for number in order if isinstance(number, int)] if isinstance(order, list) else []


def _seed(seen: Witnesses) -> Iterator[Reason]:
    seeds = find_seeds(seen.sources)
    if not seeds and uses_chance(seen.sources):
        yield Reason(Kind.SEED, "No random seed is set in the notebook; set one for each library that draws numbers.")
    elif seeds:
        yield Reason(Kind.SEED, f"Seeds are set ({_named(seeds)}); a library that is not among them may draw others.")
    hashing = seen.old.part("variables").get("PYTHONHASHSEED") if seen.old else None
    if not hashing:
        text = "PYTHONHASHSEED was not set, so sets of texts are gone through in another order each time."
        yield Reason(Kind.SEED, text)


def find_changes(seen: Witnesses) -> Iterator[Reason]:
    """What is another in the environment of the new run."""
    if seen.old is None or seen.new is None:
        yield Reason(Kind.LIBRARIES, "One of the runs recorded no environment, so libraries may differ.")
        return
    if seen.old.python != seen.new.python:
        yield Reason(Kind.PYTHON, f"Python is {seen.new.python}; the run had {seen.old.python}.")
    changes = text_changes(package_versions(seen.old.record), package_versions(seen.new.record))
    told = [f"{one.key} {one.before} → {one.after or 'missing'}" for one in changes if one.before]
    if told:
        yield Reason(Kind.LIBRARIES, f"Libraries differ: {_named(told)}.")
    for name, title in (("cpu", "processor"), ("gpus", "GPUs"), ("platform", "system")):
        if seen.old.record.get(name) != seen.new.record.get(name):
            yield Reason(Kind.HARDWARE, f"The {title} is not the same, which may change the last digits.")


def _threads(seen: Witnesses) -> Iterator[Reason]:
    old = seen.old.part("variables") if seen.old else {}
    new = seen.new.part("variables") if seen.new else {}
    changed = [name for name in _THREADS if old.get(name) != new.get(name)]
    if changed:
        yield Reason(Kind.THREADS, f"The number of threads may differ: {_named(changed)}.")
    used = [word for word in _DRAWS_IN_PARALLEL if any(word in source for source in seen.sources)]
    if used:
        text = f"The notebook works in parallel ({_named(used)}); sums and draws depend on the order of the workers."
        yield Reason(Kind.THREADS, text)


def _order(seen: Witnesses) -> Iterator[Reason]:
    if any(word in source for source in seen.sources for word in _SPARK):
        yield Reason(Kind.ORDER, "Spark divides data by the machine's cores; fix the partitions and the order of rows.")
    else:
        yield Reason(Kind.ORDER, "Data from a query or a listing of files comes in no fixed order unless it is sorted.")


def _named(names: list[str] | tuple[str, ...]) -> str:
    told = ", ".join(names[:_MOST_NAMED])
    return told if len(names) <= _MOST_NAMED else f"{told} and {len(names) - _MOST_NAMED} more"
