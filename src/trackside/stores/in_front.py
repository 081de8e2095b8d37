"""A store in front of another: what it does not do itself, the one behind it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trackside.entities import NO_TEXT, Experiment, LifecycleStage
from trackside.stores.base import Store

if TYPE_CHECKING:
    from trackside.stores.base import ExperimentQuery


class StoreInFront(Store):
    """Passes everything about experiments on."""

    behind: Store
    """The store itself."""

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = NO_TEXT
    ) -> str:
        return self.behind.create_experiment(name, artifact_location=artifact_location, tags=tags)

    def get_experiment(self, experiment_id: str) -> Experiment:
        return self.behind.get_experiment(experiment_id)

    def find_experiment(self, name: str) -> Experiment | None:
        return self.behind.find_experiment(name)

    def find_experiments_by_tag(self, key: str, value: str) -> tuple[Experiment, ...]:
        return self.behind.find_experiments_by_tag(key, value)

    def list_experiments(
        self, *, stages: Sequence[LifecycleStage] = (LifecycleStage.ACTIVE,)
    ) -> tuple[Experiment, ...]:
        return self.behind.list_experiments(stages=stages)

    def search_experiments(self, query: ExperimentQuery) -> tuple[Experiment, ...]:
        return self.behind.search_experiments(query)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        self.behind.rename_experiment(experiment_id, name)

    def delete_experiment(self, experiment_id: str) -> None:
        self.behind.delete_experiment(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        self.behind.restore_experiment(experiment_id)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        self.behind.set_experiment_tag(experiment_id, key, value)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        self.behind.delete_experiment_tag(experiment_id, key)

    def text_limits(self) -> tuple[int, int]:
        return self.behind.text_limits()

    def is_missing(self) -> bool:
        return self.behind.is_missing() and not self.waiting().count

    def near_token(self) -> object | None:
        return self.behind.near_token()

    def change_token(self) -> object:
        return self.behind.change_token()
