"""Datasets that runs read, as MLflow keeps them: one for each name and digest of an experiment, linked to its runs."""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.stores import sqlite_writes

if TYPE_CHECKING:
    from trackside.stores.layout import Layout

CONTEXT_TAG = "mlflow.data.context"
_TABLES = ("datasets", "inputs", "input_tags")
_ADD_DATASET = """
INSERT INTO datasets
    (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source, dataset_schema, dataset_profile)
VALUES (?, ?, ?, ?, ?, ?, NULL, ?) ON CONFLICT (experiment_id, name, digest) DO NOTHING
"""
_ADD_INPUT = """
INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
VALUES (?, 'DATASET', ?, 'RUN', ?) ON CONFLICT (source_type, source_id, destination_type, destination_id) DO NOTHING
"""
_ADD_TAG = "INSERT INTO input_tags (input_uuid, name, value) VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class UsedDataset:
    """A dataset that a run read.

    Attributes:
        name: At most 500 characters.
        digest: Tells one content from another; at most 36 characters.
        source_type: How MLflow reads ``source``, such as ``local``.
        source: JSON, such as ``{"uri": "/data/wine.csv"}``.
        profile: JSON about the content.
        context: What the run read it for, such as ``training``; may be empty.
    """

    name: str
    digest: str
    source_type: str
    source: str
    profile: str
    context: str = ""

    def as_request(self) -> dict[str, object]:
        """What a server is sent besides the run's id."""
        dataset = {
            "name": self.name,
            "digest": self.digest,
            "source_type": self.source_type,
            "source": self.source,
            "profile": self.profile,
        }
        tags = [{"key": CONTEXT_TAG, "value": self.context}] if self.context else []
        return {"datasets": [{"dataset": dataset, "tags": tags}]}


def insert(db: sqlite3.Connection, layout: Layout, run_id: str, used: UsedDataset) -> bool:
    """Link a run to a dataset, which is made where it is not there; false in files of before MLflow 2.4.

    A link that is there stays as it is, as with MLflow.
    """
    sqlite_writes.require_active_run(db, run_id)
    if not all(map(layout.has, _TABLES)):
        return False
    (experiment,) = db.execute("SELECT experiment_id FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
    made = (uuid.uuid4().hex, experiment, used.name, used.digest, used.source_type, used.source, used.profile)
    db.execute(_ADD_DATASET, made)
    found = "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?"
    (dataset,) = db.execute(found, (experiment, used.name, used.digest)).fetchone()
    link = uuid.uuid4().hex
    is_new = db.execute(_ADD_INPUT, (link, dataset, run_id)).rowcount
    if is_new and used.context:
        db.execute(_ADD_TAG, (link, CONTEXT_TAG, used.context))
    return True
