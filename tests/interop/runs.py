"""The runs in a database that a kernel under test writes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.stores.base import RunQuery
from trackside.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from trackside.entities import Experiment, Run

WAIT_S = 120
POLL_S = 0.05


class Runs:
    """Reads runs by name, of all experiments."""

    def __init__(self, database: Path) -> None:
        self.store = SqliteStore(database)

    def close(self) -> None:
        self.store.close()

    def all(self) -> list[Run]:
        ids = tuple(experiment.experiment_id for experiment in self.store.list_experiments())
        return list(self.store.search_runs(RunQuery(ids)))

    def __getitem__(self, name: str) -> Run:
        (run,) = [run for run in self.all() if run.info.run_name == name]
        return run

    def experiment_of(self, name: str) -> Experiment:
        return self.store.get_experiment(self[name].info.experiment_id)

    def artifact(self, name: str, path: str) -> str:
        return self.store.artifacts(self[name].info.run_id).read_bytes(path).decode()

    def sources(self, name: str) -> list[str]:
        """The cells of the revision that is stored with a run, or none where there is no revision."""
        path = self[name].data.tags.get("trackside.revision.path")
        return [cell["source"] for cell in json.loads(self.artifact(name, path))["cells"]] if path else []

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for what is done in the background."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            tags = {run.info.run_name: sorted(run.data.tags) for run in self.all()}
            assert time.monotonic() < deadline, f"not within {WAIT_S} s: {json.dumps(tags, indent=1)}"
            time.sleep(POLL_S)
