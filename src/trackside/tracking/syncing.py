"""Delivering by hand what waits on this machine for stores that were away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.stores.refused import let_wait_again
from trackside.stores.uri import open_store, resolve_tracking_uri
from trackside.stores.waiting_count import find_uris

if TYPE_CHECKING:
    from trackside.stores.waiting import Waiting


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What became of the records and files that waited for one store."""

    uri: str
    delivered: int
    """How many were delivered."""
    refused: int
    """How many the store refused just now, for good; they are kept on this machine."""
    waiting: Waiting
    """What waits still, and what was ever refused."""


def sync(tracking_uri: str | None = None, *, refused: bool = False) -> list[SyncReport]:
    """Deliver what was logged while stores were away, by this process and by those that have ended since.

    This happens by itself as soon as a store is used again. What another living process keeps, that process delivers.

    Args:
        tracking_uri: Only for this store; without it, for all stores that something waits for on this machine.
        refused: Try what the stores refused once more, because the reason is gone; a run was restored, for example.
    """
    uris = [resolve_tracking_uri(tracking_uri)] if tracking_uri else find_uris()
    return [_sync_one(uri, refused=refused) for uri in uris]


def _sync_one(uri: str, *, refused: bool) -> SyncReport:
    store = open_store(uri)
    if refused:
        let_wait_again(store.uri)
    before = store.waiting()
    store.deliver_all()
    after = store.waiting()
    count = after.refused - before.refused
    return SyncReport(store.uri, max(0, before.count - after.count - count), max(0, count), after)
