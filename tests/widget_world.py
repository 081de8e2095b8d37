"""The store that the examples in `tests/protocol` speak of, and the way to read those examples."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.entities import Metric, Param, RunStatus
from trackside.notebook import revision
from trackside.tracking.session import current_store
from trackside.widgets.context import Context

if TYPE_CHECKING:
    from trackside.stores.base import Store
    from trackside.widgets.bridge import Message

EXAMPLES = Path(__file__).parent / "protocol"
START = 1_700_000_000_000
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "markdown", "id": "intro", "metadata": {}, "source": "# Wine"}],
}
NOTEBOOK_TEXT = json.dumps(NOTEBOOK)
NOTEBOOK_SHA256 = revision.hash_of(NOTEBOOK)


class World:
    """An experiment with a run that failed and, below it, one that goes on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.experiment_id = store.create_experiment("wine/quickstart.ipynb")
        self.parent = self._make_parent()
        self.child = self._make_child()

    @property
    def context(self) -> Context:
        return Context(self.store, self.experiment_id, "wine/quickstart.ipynb", "wine/quickstart.ipynb")

    def named(self, message: Message) -> dict[str, Any]:
        """A message with the names that the examples use instead of the store's own ids and places."""
        text = json.dumps(message.content, ensure_ascii=False, allow_nan=False)
        artifact_uri = self.store.get_run(self.parent).info.artifact_uri
        names = {artifact_uri: "mlruns/1/parent/artifacts", self.store.uri: "sqlite:///mlflow.db"}
        names |= {self.parent: "parent", self.child: "child"}
        for own, name in names.items():
            text = text.replace(json.dumps(own, ensure_ascii=False)[1:-1], name)
        return json.loads(text)

    def with_ids(self, request: dict[str, Any]) -> dict[str, Any]:
        """An example's request with the store's own ids."""
        text = json.dumps(request).replace('"parent"', f'"{self.parent}"').replace('"child"', f'"{self.child}"')
        return json.loads(text)

    def _make_parent(self) -> str:
        tags = {
            "mlflow.source.name": "wine/quickstart.ipynb",
            "mlflow.source.type": "NOTEBOOK",
            "mlflow.source.git.commit": "4f2a91c0d37b5be6a1f0c9d8e7b6a5f4c3d2e1b0",
            "mlflow.source.git.branch": "main",
            "trackside.git.dirty": "true",
            "trackside.revision.path": "notebook/quickstart.ipynb",
            "trackside.revision.sha256": NOTEBOOK_SHA256,
            "trackside.error.type": "ValueError",
            "trackside.error.message": "depth must be positive",
            "mlflow.note.content": "First with the *new* split.\nMore to come.",
            "color": "blue",
        }
        run_id = self._make_run("sweep <b>1</b>", START, tags)
        self.store.log_batch(run_id, params=[Param("search", "grid"), Param("text", "x" * 300)])
        losses = [Metric("loss", value, START + step, step) for step, value in enumerate([0.9, float("nan"), 0.25])]
        self.store.log_batch(run_id, metrics=[*losses, Metric("gain", float("inf"), START)])
        self.store.update_run(run_id, status=RunStatus.FAILED, end_time=START + 12_300)
        artifacts = self.store.artifacts(run_id)
        artifacts.write_bytes("notebook/quickstart.ipynb", NOTEBOOK_TEXT.encode())
        artifacts.write_bytes("summary.txt", b"fine")
        return run_id

    def _make_child(self) -> str:
        run_id = self._make_run("depth 3 🌲", START + 1000, {"mlflow.parentRunId": self.parent})
        self.store.log_batch(run_id, params=[Param("depth", "3")], metrics=[Metric("loss", 0.5, START + 2000, 7)])
        return run_id

    def _make_run(self, name: str, start_time: int, tags: dict[str, str]) -> str:
        run = self.store.create_run(
            self.experiment_id, run_name=name, user_id="ada", start_time=start_time, tags={"mlflow.user": "ada", **tags}
        )
        return run.info.run_id


def read_example(name: str) -> dict[str, Any]:
    """An example with its buffers as bytes."""
    example = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return {**example, "buffers": [_to_bytes(buffer) for buffer in example.get("buffers", [])]}


def _to_bytes(buffer: dict[str, list[Any]]) -> bytes:
    ((kind, values),) = buffer.items()
    return bytes(values) if kind == "uint8" else array("d", map(float, values)).tobytes()


def make_run(name: str, params: dict[str, str], metrics: dict[str, float], store: Any = None) -> str:
    """A run that goes on, in the store in use unless another one is given."""
    store = store or current_store()
    run = store.create_run("0", run_name=name, user_id="ada", start_time=1_000)
    points = [Metric(key, value, 2_000, 0) for key, value in metrics.items()]
    store.log_batch(run.info.run_id, params=[Param(*item) for item in params.items()], metrics=points)
    return str(run.info.run_id)
