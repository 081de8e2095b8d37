"""What purging removes, or would remove."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purged:
    """What was, or would be, removed of a run."""

    run_id: str
    artifact_bytes: int = 0
    """The size of its artifacts that were removed."""
    artifacts_left: str = ""
    """Where its artifacts are left, because the place is not the store's own; empty where nothing is left."""


@dataclass(frozen=True, slots=True)
class PurgedExperiment:
    """What was, or would be, removed of an experiment besides its runs."""

    experiment_id: str
    name: str
    artifact_bytes: int = 0
    """The size of what else was in its artifact folder."""
    artifacts_left: str = ""
    """Where its artifacts are left, because the place is not the store's own; empty where nothing is left."""
