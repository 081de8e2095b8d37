"""What the panel shows now: which store, which experiment of it, whose notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside.stores.base import Store


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the experiment and the notebook that a snapshot is of."""

    store: Store
    experiment_id: str | None
    """None while the experiment does not exist: its first run makes it."""
    experiment_name: str
    notebook: str

    @property
    def key(self) -> tuple[str, str | None, str, str]:
        """Differs when something else is to be shown."""
        return (self.store.uri, self.experiment_id, self.experiment_name, self.notebook)

    def count_late(self) -> int:
        """How much is kept on this machine because the store could not take it, for longer than is usual."""
        waiting = self.store.waiting()
        return waiting.count if waiting.is_late else 0


def read_context() -> Context:
    """What the user's session points at.

    Raises:
        TracksideError: The tracking URI or the experiment cannot be used.
    """
    from trackside.notebook import session as notebook_session
    from trackside.tracking import session

    notebook = notebook_session.current()
    experiment = session.active_experiment(create=False)
    return Context(
        store=session.current_store(),
        experiment_id=experiment.experiment_id,
        experiment_name=experiment.name,
        notebook=notebook.display_path if notebook else "",
    )
