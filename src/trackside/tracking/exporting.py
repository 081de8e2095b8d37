"""``runs_to_csv``: runs in a file that spreadsheets and other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from trackside.errors import InvalidValueError
from trackside.tracking import session
from trackside.tracking.searching import MAX_RESULTS, ViewType, find_ids, read_query
from trackside.transfer.csv import write_csv
from trackside.transfer.rows import read_runs

_PAGE_SIZE = 1000


def runs_to_csv(
    target: str | Path | TextIO,
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: ViewType | int = ViewType.ACTIVE_ONLY,
    max_results: int = MAX_RESULTS,
    order_by: Sequence[str] | None = None,
    *,
    run_ids: Sequence[str] | None = None,
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
    safe_for_spreadsheets: bool = False,
) -> int:
    """Write runs as CSV and return how many: those of a search, or those with certain ids.

    The columns are ``Run ID,Name,Source Type,Source Name,User,Status``, then the params and then the metrics by name.
    Memory holds a page of runs, however many there are. A file is only touched once all runs were read.

    Args:
        target: A path, or a text file opened with ``newline=""``.
        experiment_ids: Where to search. This and what follows means what it means for ``search_runs``.
        filter_string: Which runs.
        run_view_type: Active runs, deleted runs, or both.
        max_results: At most this many runs.
        order_by: The order of the lines.
        run_ids: These runs, in this order, instead of a search.
        search_all_experiments: Search all active experiments where neither ids nor names are given.
        experiment_names: Where to search, instead of ids.
        safe_for_spreadsheets: Put an apostrophe before texts that a spreadsheet would take for a formula.

    Raises:
        FilterError: The filter or the order cannot be read.
        RunNotFoundError: There is no run with one of the ids.
    """
    if run_ids is not None and (filter_string or order_by or experiment_ids or experiment_names):
        raise InvalidValueError("runs_to_csv takes run_ids or a search, and not both")
    ids = find_ids(experiment_ids, experiment_names, search_all=search_all_experiments) if run_ids is None else ()
    query, store = read_query(ids, filter_string, run_view_type, max_results, order_by), session.current_store()
    runs = read_runs(store, query, page_size=_PAGE_SIZE) if run_ids is None else map(store.get_run, run_ids)
    return write_csv(runs, target, safe_for_spreadsheets=safe_for_spreadsheets)
