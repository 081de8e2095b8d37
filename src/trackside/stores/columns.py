"""Many runs as columns, for a table of all that they have: no object is made for a run or a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside.entities import Run


@dataclass(frozen=True, slots=True)
class RunColumns:
    """Runs in order, each at the same place of every column. Times are in milliseconds.

    Attributes:
        metrics: The latest values of each metric, by key; NaN where a run does not have it.
        params: The values of each param, by key; None where a run does not have it.
        tags: The same of tags.
    """

    run_ids: Sequence[str]
    experiment_ids: Sequence[str]
    statuses: Sequence[str]
    artifact_uris: Sequence[str]
    start_times: Sequence[int | None]
    end_times: Sequence[int | None]
    metrics: Mapping[str, Sequence[float]]
    params: Mapping[str, Sequence[str | None]]
    tags: Mapping[str, Sequence[str | None]]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> RunColumns:
        """What these runs have."""
        infos = [run.info for run in runs]
        return cls(
            run_ids=[info.run_id for info in infos],
            experiment_ids=[info.experiment_id for info in infos],
            statuses=[info.status.value for info in infos],
            artifact_uris=[info.artifact_uri for info in infos],
            start_times=[info.start_time for info in infos],
            end_times=[info.end_time for info in infos],
            metrics=_metrics(runs),
            params=_texts([run.data.params for run in runs]),
            tags=_texts([run.data.tags for run in runs]),
        )


def blank_numbers(count: int) -> defaultdict[str, list[float]]:
    """Columns that hold nothing yet, each made when it is asked for."""
    return defaultdict(lambda: [nan] * count)


def blank_texts(count: int) -> defaultdict[str, list[str | None]]:
    """The same for params and tags."""
    return defaultdict(lambda: [None] * count)


def _metrics(runs: Sequence[Run]) -> Mapping[str, Sequence[float]]:
    columns = blank_numbers(len(runs))
    for place, run in enumerate(runs):
        for key, value in run.data.metrics.items():
            columns[key][place] = value
    return columns


def _texts(rows: Sequence[Mapping[str, str]]) -> Mapping[str, Sequence[str | None]]:
    columns = blank_texts(len(rows))
    for place, row in enumerate(rows):
        for key, text in row.items():
            columns[key][place] = text
    return columns
