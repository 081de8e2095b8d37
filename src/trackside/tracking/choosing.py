"""Runs however people name them: ids, runs, experiments, filter texts, DataFrames, of one store or of several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside.entities import Experiment, Run
from trackside.errors import (
    ExperimentNotFoundError,
    FilterError,
    InvalidValueError,
    NotFoundError,
    RunNotFoundError,
    nearest,
)
from trackside.search import parse_filter
from trackside.stores.base import RunQuery
from trackside.stores.uri import open_store, resolve_tracking_uri
from trackside.tracking import session
from trackside.transfer.rows import read_runs

if TYPE_CHECKING:
    from trackside.stores.base import Store

MAX_RUNS = 100_000
PAGE_SIZE = 2000
"""So many runs are held at once where a filter finds them."""

_RUN_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ChosenRun:
    """A run and the store that it is in."""

    store: Store
    run: Run

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.info.run_id


@dataclass(frozen=True, slots=True)
class _Place:
    """Where ids and filters are looked up: a store, and the experiments whose runs a filter finds."""

    store: Store
    experiment_ids: tuple[str, ...] | None
    max_runs: int

    def find(self, filter_text: str = "", experiment_ids: Sequence[str] | None = None) -> Iterator[Run]:
        """The newest runs that a filter finds."""
        ids = self.experiment_ids if experiment_ids is None else tuple(experiment_ids)
        query = RunQuery(
            self._usual_ids() if ids is None else ids, max_results=self.max_runs, filter=parse_filter(filter_text)
        )
        return read_runs(self.store, query, page_size=PAGE_SIZE)

    def _usual_ids(self) -> tuple[str, ...]:
        """The experiment that runs go to; in another store than the one in use, all there are."""
        if self.store is session.current_store():
            active = session.active_experiment(create=False).experiment_id
            return (active,) if active else ()
        return tuple(experiment.experiment_id for experiment in self.store.list_experiments())


def choose_runs(what: Any = None, experiments: Any = None, max_runs: int = MAX_RUNS) -> Iterator[ChosenRun]:
    """The runs that ``what`` names, each once, in its order, read as they are asked for.

    Args:
        what: Ids, ``Run`` or ``Experiment`` objects, names of experiments, filter texts, a DataFrame with a column
            ``run_id``, or a sequence of these; a mapping names the tracking URI of each part; None is all of the
            experiment that runs go to.
        experiments: Where filters search: names, ids or ``Experiment`` objects; the experiment that runs go to unless
            given.
        max_runs: At most this many; a filter and an experiment give the newest.

    Raises:
        RunNotFoundError: There is no run with one of the ids.
        FilterError: A text is no id, no experiment's name and no filter.
        InvalidValueError: Something else was given.
    """
    if not 1 <= max_runs <= MAX_RUNS:
        raise InvalidValueError(f"max_runs must be from 1 to {MAX_RUNS:,}, not {max_runs!r}")
    parts = what.items() if isinstance(what, Mapping) else [(None, what)]
    found: set[tuple[str, str]] = set()
    for uri, part in parts:
        store = session.current_store() if uri is None else open_store(resolve_tracking_uri(uri))
        place = _Place(store, _find_experiments(store, experiments), max_runs)
        for run in _read(place, part):
            known = len(found)
            found.add((store.uri, run.info.run_id))
            if len(found) > known:
                yield ChosenRun(store, run)
            if len(found) >= max_runs:
                return


def _read(place: _Place, what: Any) -> Iterator[Run]:
    if what is None:
        return place.find()
    if isinstance(what, str):
        return _read_text(place, what)
    if isinstance(what, Experiment):
        return place.find("", [what.experiment_id])
    if isinstance(what, Run):
        return iter(_fetch(place.store, [what.info.run_id]))
    if hasattr(what, "columns"):
        return iter(_fetch(place.store, _ids_of_frame(what)))
    if isinstance(what, Iterable):
        return _read_several(place, list(what))
    raise InvalidValueError(
        f"runs cannot be chosen by a {type(what).__name__}",
        hint="give ids, runs, experiments, a filter text, or a DataFrame of search_runs",
    )


def _read_several(place: _Place, parts: Sequence[Any]) -> Iterator[Run]:
    """Part by part; ids and runs are fetched together, which is much faster than one by one."""
    ids = [_id_of(part) for part in parts]
    if all(ids):
        yield from _fetch(place.store, [run_id for run_id in ids if run_id])
        return
    for part in parts:
        yield from _read(place, part)


def _id_of(part: Any) -> str | None:
    if isinstance(part, Run):
        return part.info.run_id
    return part if isinstance(part, str) and _RUN_ID.fullmatch(part) else None


def _read_text(place: _Place, text: str) -> Iterator[Run]:
    if _RUN_ID.fullmatch(text):
        return iter(_fetch(place.store, [text]))
    named = place.store.find_experiment(text) if text else None
    if named is not None:
        return place.find("", [named.experiment_id])
    try:
        return place.find(text)
    except FilterError as error:
        hint = f"{error.hint}\n" if error.hint else ""
        error.hint = f"{hint}{text!r} is no run's id and no experiment's name, so it was read as a filter."
        raise


def _fetch(store: Store, run_ids: Sequence[str]) -> Sequence[Run]:
    """The runs with these ids.

    Raises:
        RunNotFoundError: One of them is not there.
    """
    runs = store.get_runs(run_ids)
    missing = set(run_ids).difference(run.info.run_id for run in runs)
    if missing:
        first = next(run_id for run_id in run_ids if run_id in missing)
        others = f", nor {len(missing) - 1} more of those that were named" if len(missing) > 1 else ""
        raise RunNotFoundError(
            f"there is no run {first!r} in {store.uri}{others}",
            hint='runs of another store are named with its URI: {"sqlite:///other.db": [...]}',
        )
    return runs


def _ids_of_frame(frame: Any) -> list[str]:
    if "run_id" not in frame.columns:
        raise InvalidValueError(
            "the DataFrame has no column run_id, so it does not say which runs are meant",
            hint="search_runs gives DataFrames with one",
        )
    return [str(run_id) for run_id in frame["run_id"]]


def _find_experiments(store: Store, experiments: Any) -> tuple[str, ...] | None:
    if experiments is None:
        return None
    several = [experiments] if isinstance(experiments, str | Experiment) else list(experiments)
    return tuple(_find_experiment(store, one) for one in several)


def _find_experiment(store: Store, wanted: Any) -> str:
    if isinstance(wanted, Experiment):
        return wanted.experiment_id
    named = store.find_experiment(str(wanted))
    try:
        return named.experiment_id if named else store.get_experiment(str(wanted)).experiment_id
    except NotFoundError:
        near = nearest(str(wanted), (one.name for one in store.list_experiments()))
        raise ExperimentNotFoundError(
            f"{store.uri} has no experiment with the name or id {str(wanted)!r}",
            hint=f"Did you mean {near!r}?" if near else "trackside.search_experiments() lists them",
        ) from None
