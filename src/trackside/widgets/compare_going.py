"""Runs that had not ended when they were compared: read again while the comparison is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trackside.entities import RunStatus
from trackside.tracking.choosing import ChosenRun
from trackside.widgets.run_table import RunTable

if TYPE_CHECKING:
    from trackside.entities import Run

MOST_RUNS = 200
"""Comparisons of more runs than that stay as they are: their columns take too long to be built again and again."""

_GOING = frozenset({RunStatus.RUNNING.value, RunStatus.SCHEDULED.value})


def read_again(table: RunTable) -> RunTable | None:
    """The table as it is now; None where none of its runs goes on, or nothing has changed in them."""
    going = [place for place in range(len(table)) if table.infos["status"].get(place) in _GOING]
    if not going or len(table) > MOST_RUNS:
        return None
    found = _read(table, going)
    if all(_face(found.get(table.run_ids[place])) in (None, _face(table.run(place))) for place in going):
        return None
    now = [found.get(run_id) or table.run(place) for place, run_id in enumerate(table.run_ids)]
    renewed = RunTable(ChosenRun(table.store_of(place), run) for place, run in enumerate(now))
    renewed.histories = set(table.histories)
    for run in found.values():
        renewed.note_histories(run.data)
    return renewed


def _read(table: RunTable, places: list[int]) -> Mapping[str, Run]:
    found: dict[str, Run] = {}
    for store in table.stores:
        own = [table.run_ids[place] for place in places if table.store_of(place) is store]
        found |= {run.info.run_id: run for run in store.as_it_is().get_runs(own)} if own else {}
    return found


def _face(run: Run | None) -> str | None:
    """What is compared of a run, as a text: NaN is not equal to itself."""
    if run is None:
        return None
    data = run.data
    parts = (sorted(part.items()) for part in (data.metrics, data.params, data.tags))
    return repr((run.info.status, run.info.end_time, *parts))
