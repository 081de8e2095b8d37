"""The models that MLflow 3 keeps apart from the artifacts of the runs that logged them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside.stores.base import Artifacts
    from trackside.stores.layout import Layout

_BY_RUN = """
SELECT model_id, name, artifact_location, experiment_id FROM logged_models
WHERE source_run_id = ? AND lifecycle_stage = 'active' ORDER BY creation_timestamp_ms, model_id
"""


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model that a run logged. ``artifacts`` opens its files, and raises where they cannot be reached from here."""

    model_id: str
    name: str
    artifacts: Callable[[], Artifacts]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model as stores record it."""

    model_id: str
    name: str
    location: str
    experiment_id: str


def fetch_models(db: sqlite3.Connection, layout: Layout, run_id: str) -> tuple[ModelRow, ...]:
    """The models of a run, oldest first; none where the file is of an MLflow that kept them among the artifacts."""
    if not layout.has("logged_models"):
        return ()
    return tuple(ModelRow(*(str(value or "") for value in row)) for row in db.execute(_BY_RUN, (run_id,)))


def read_models(answer: Mapping[str, Any]) -> Iterator[ModelRow]:
    """The models in a server's answer."""
    for model in answer.get("models") or ():
        info = model["info"]
        yield ModelRow(info["model_id"], info.get("name", ""), info["artifact_uri"], info.get("experiment_id", ""))


def models_of(run_id: str) -> str:
    """The filter by which a server finds the models of a run."""
    return "source_run_id = '{}'".format(run_id.replace("'", ""))
