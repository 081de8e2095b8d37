"""What every store promises, as tests that each store's own test class inherits."""

from __future__ import annotations

from .experiments import ExperimentContract
from .logged import LoggedContract
from .places import new_run
from .runs import RunContract
from .searching import SearchContract
from .sharing import SharingContract

__all__ = ["StoreContract", "new_run"]


class StoreContract(ExperimentContract, RunContract, LoggedContract, SearchContract, SharingContract):
    """Inherit it and give the fixture ``open_store``: a function that opens the same, at first empty, place anew."""
