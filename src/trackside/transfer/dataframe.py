"""Runs as a pandas DataFrame, with the columns and types that MLflow gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trackside.stores.columns import RunColumns
from trackside.transfer.rows import read_runs

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from trackside.stores.base import RunQuery, Store


def read_frame(store: Store, query: RunQuery) -> DataFrame:
    """A row for each run that a query finds; what a run does not have is NaN in metrics and None in params and tags."""
    columns = store.run_columns(query) if query.experiment_ids and query.max_results > 0 else None
    return to_frame(columns or RunColumns.of(tuple(read_runs(store, query))))


def to_frame(runs: RunColumns) -> DataFrame:
    """The columns as a DataFrame: what is known of each run, then metrics, params and tags, each by name."""
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {
        "run_id": runs.run_ids,
        "experiment_id": runs.experiment_ids,
        "status": runs.statuses,
        "artifact_uri": runs.artifact_uris,
        "start_time": _times(runs.start_times),
        "end_time": _times(runs.end_times),
    }
    metrics = {key: np.array(values, dtype=np.float64) for key, values in runs.metrics.items()}
    for prefix, group in (("metrics", metrics), ("params", runs.params), ("tags", runs.tags)):
        columns.update(_by_name(prefix, group))
    return pd.DataFrame(columns)


def _by_name(prefix: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{key}": columns[key] for key in sorted(columns)}


def _times(times_ms: Sequence[int | None]) -> Series[Any] | Sequence[None]:
    """Times in UTC, of the type that pandas finds for a list of them; a column without any stays without a type."""
    import numpy as np
    import pandas as pd

    first = next((time for time in times_ms if time is not None), None)
    if first is None:
        return [None] * len(times_ms)
    found = pd.Series(np.array(times_ms, dtype="datetime64[ms]")).dt.tz_localize("UTC")
    return found.astype(pd.Series([pd.Timestamp(first, unit="ms", tz="UTC")]).dtype)
