"""The runs that the examples in `tests/protocol/run` and `tests/protocol/diff` speak of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import trackside
from trackside.entities import Metric, Param, RunStatus
from trackside.stores.uri import open_store

from .widget_world import START, World

if TYPE_CHECKING:
    from trackside.widgets.bridge import Message

RECORD = {
    "python": {"version": "3.11.7", "implementation": "CPython", "executable": "/venv/bin/python"},
    "platform": {"system": "Linux", "release": "6.1", "machine": "x86_64", "distribution": "Debian GNU/Linux 12"},
    "cpu": {"model": "Abacus 9000", "count": 8},
    "memory_bytes": 16_000_000_000,
    "gpus": [{"name": "Loom 2"}, "damaged"],
    "kernelspec": "python3",
    "distributions": [{"name": "numpy", "version": "2.0"}, {"name": "trackside", "version": "0.1.0"}],
}


MODEL = """
flavors: {python_function: {loader_module: mlflow.sklearn}, sklearn: {}}
signature:
  inputs: '[{"name": "it''s <b>", "type": "double"}, {"name": "n", "type": "integer"}]'
  outputs: '[{"type": "long"}]'
"""


class Family(World):
    """The runs of the other examples, and one that came after them."""

    def __init__(self) -> None:
        super().__init__(open_store("sqlite:///mlflow.db"))
        self._record(self.parent, {**RECORD, "distributions": [{"name": "numpy", "version": "1.26"}]}, "a")
        self.later = self._make_later()
        self._record(self.later, RECORD, "b")
        artifacts = self.store.artifacts(self.later)
        artifacts.write_bytes("tables/points.csv", b"x,name\n1,<b>Bo</b>\n")
        artifacts.write_bytes("model/MLmodel", MODEL.encode())

    def named(self, message: Message) -> dict[str, Any]:
        text = json.dumps(super().named(message), ensure_ascii=False)
        uri = self.store.get_run(self.later).info.artifact_uri
        names = {json.dumps(uri, ensure_ascii=False)[1:-1]: "mlruns/1/later/artifacts", self.later: "later"}
        for own, name in names.items():
            text = text.replace(own, name)
        named: dict[str, Any] = json.loads(text)
        return named

    def with_ids(self, request: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(super().with_ids(request)).replace('"later"', f'"{self.later}"')
        filled: dict[str, Any] = json.loads(text)
        return filled

    def _make_later(self) -> str:
        run_id = self._make_run("third <i>run</i>", START + 60_000, {"trackside.revision.sha256": "other"})
        points = [Metric("loss", 0.125, START + 61_000, 3), Metric("accuracy", 0.5, START + 61_000)]
        self.store.log_batch(run_id, params=[Param("search", "random")], metrics=points)
        self.store.update_run(run_id, status=RunStatus.FINISHED, end_time=START + 70_000)
        return run_id

    def _record(self, run_id: str, record: dict[str, Any], sha256: str) -> None:
        self.store.artifacts(run_id).write_bytes("environment/environment.json", json.dumps(record).encode())
        self.store.log_batch(run_id, tags=[trackside.Tag("trackside.environment.sha256", sha256)])
