"""What the panel shows now: which store, which experiment of it, whose notebook."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.errors import TracksideError, is_away

if TYPE_CHECKING:
    from trackside.stores.base import Store
    from trackside.stores.records import ExperimentWanted
    from trackside.tracking.session import ActiveExperiment


FRESH_S = 0.5
"""How long it is taken for granted which experiment of a server the notebook's is."""
SETTLE_S = 0.3
"""How long a look waits for what was just logged, which usually takes a tenth of that; then it shows what there is."""


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the experiment and the notebook that a snapshot is of."""

    store: Store
    experiment_id: str | None
    """None while the experiment does not exist: its first run makes it."""
    experiment_name: str
    notebook: str
    trouble: TracksideError | None = None
    """Why the store could not say which experiment it is."""

    @property
    def seen(self) -> Store:
        """The store, for looking: it waits neither long for others nor for a server that is away."""
        return self.store.as_it_is()

    @property
    def key(self) -> tuple[str, str | None, str, str]:
        """Differs when something else is to be shown."""
        return (self.store.uri, self.experiment_id, self.experiment_name, self.notebook)

    def count_late(self) -> int:
        """How much is kept on this machine because the store could not take it, for longer than is usual."""
        waiting = self.store.waiting()
        return waiting.count if waiting.is_late else 0


def read_store(wait_s: float = SETTLE_S) -> Store:
    """The store in use, after a moment for what was just logged to get there."""
    from trackside.tracking import session

    store = session.current_store()
    store.settle(wait_s)
    return store


@dataclass(frozen=True, slots=True)
class _Found:
    """The experiment that a server named, so that it is not asked again at each look."""

    store_uri: str
    wanted: ExperimentWanted
    experiment: ActiveExperiment
    fresh_until: float
    """Longer where the answer took long."""


_found: _Found | None = None


def _find_experiment(store: Store) -> ActiveExperiment:
    global _found
    from trackside.tracking import session

    wanted, began = session.wanted_experiment(), time.monotonic()
    known = _found
    if known and (known.store_uri, known.wanted) == (store.uri, wanted) and began < known.fresh_until:
        return known.experiment
    found = session.active_experiment(create=False, store=store.as_it_is())
    now = time.monotonic()
    if store.is_server and found.experiment_id is not None:
        _found = _Found(store.uri, wanted, found, now + max(FRESH_S, 10 * (now - began)))
    return found


def read_context() -> Context:
    """What the user's session points at. Where its store cannot be asked, the experiment is what is known of it here.

    Raises:
        TracksideError: The tracking URI or the experiment cannot be used.
    """
    from trackside.notebook import session as notebook_session
    from trackside.tracking import session

    notebook, store, trouble = notebook_session.current(), session.current_store(), None
    try:
        experiment: ActiveExperiment | ExperimentWanted = _find_experiment(store)
    except TracksideError as error:
        if not is_away(error):
            raise
        experiment, trouble = session.wanted_experiment(), error
    return Context(
        store=store,
        experiment_id=experiment.experiment_id,
        experiment_name=experiment.name,
        notebook=notebook.display_path if notebook else "",
        trouble=trouble,
    )
