"""The plain data that stores return: experiments, runs, metrics, params, tags, files.

Field names are MLflow's, so that code written for ``mlflow.entities`` reads these objects unchanged.
All times are milliseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")

NO_TEXT: Mapping[str, str] = MappingProxyType({})
NO_NUMBERS: Mapping[str, float] = MappingProxyType({})


class _Name(str, Enum):
    """An enumeration whose members are their own text, so that they compare and print as MLflow's strings do."""

    def __str__(self) -> str:
        return str(self.value)


class RunStatus(_Name):
    """Where a run stands."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @property
    def is_final(self) -> bool:
        """Whether a run with this status has ended."""
        return self in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED)


class LifecycleStage(_Name):
    """Whether an experiment or run is in use or in the trash."""

    ACTIVE = "active"
    DELETED = "deleted"


class SourceType(_Name):
    """What kind of thing started a run."""

    NOTEBOOK = "NOTEBOOK"
    JOB = "JOB"
    PROJECT = "PROJECT"
    LOCAL = "LOCAL"
    UNKNOWN = "UNKNOWN"


class Metric(NamedTuple):
    """One point of a metric. ``value`` may be NaN or infinite; ``timestamp`` is in milliseconds.

    A tuple, unlike the others, because histories have hundreds of thousands of them.
    """

    key: str
    value: float
    timestamp: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class Param:
    """A param of a run. Its value never changes once logged."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a run or an experiment."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Experiment:
    """A named collection of runs."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: LifecycleStage = LifecycleStage.ACTIVE
    creation_time: int | None = None
    last_update_time: int | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TEXT)


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known of a run apart from what was logged to it. ``start_time`` and ``end_time`` are in milliseconds."""

    run_id: str
    experiment_id: str
    run_name: str
    user_id: str
    status: RunStatus
    start_time: int | None
    end_time: int | None
    artifact_uri: str
    lifecycle_stage: LifecycleStage = LifecycleStage.ACTIVE
    deleted_time: int | None = None


@dataclass(frozen=True, slots=True)
class RunData:
    """What was logged to a run: the latest value of each metric, all params, all tags."""

    metrics: Mapping[str, float] = field(default_factory=lambda: NO_NUMBERS)
    params: Mapping[str, str] = field(default_factory=lambda: NO_TEXT)
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TEXT)
    latest: Mapping[str, Metric] = field(default_factory=dict, repr=False)
    """The latest point of each metric, with its step and timestamp."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of an experiment."""

    info: RunInfo
    data: RunData = field(default_factory=RunData)


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file or directory among a run's artifacts. ``path`` is relative to the run's artifact root, with ``/``."""

    path: str
    is_dir: bool
    file_size: int | None = None
    """In bytes; None for a directory."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a longer answer. ``token`` asks for the next part; it is None at the end."""

    items: tuple[Item, ...]
    token: str | None = None

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
