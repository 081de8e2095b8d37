"""What a process knows of the runs that it logs to, so that it need not ask the store at each call."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage
from trackside.errors import RunNotFoundError, StoreError
from trackside.stores import validation

if TYPE_CHECKING:
    from trackside.entities import Param
    from trackside.stores.base import Store
    from trackside.stores.records import Logged

logger = logging.getLogger("trackside")

RENEW_S = 2.0
"""How long it is taken for granted that a run can be written, where asking is cheap."""


class Known:
    """The params of a run that can be written."""

    __slots__ = ("fresh_until", "params")

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = dict(params)
        self.fresh_until = time.monotonic() + RENEW_S


class KnownRuns:
    """The runs that this process logs to.

    Args:
        quick: A store to be asked in passing whether a run can still be written; it must not wait for others.
        real_id: Gives the id that this store knows a run by.
    """

    def __init__(self, quick: Store | None, real_id: Callable[[str], str]) -> None:
        self._quick = quick
        self._real_id = real_id
        self._known: dict[str, Known] = {}

    def add(self, run_id: str, params: Mapping[str, str]) -> Known:
        """Remember a run that can be written."""
        known = self._known[run_id] = Known(params)
        return known

    def find(self, run_id: str) -> Known | None:
        """What is known of a run that can be written; None where only the store can tell."""
        known = self._known.get(run_id)
        if known is None or self._quick is None or time.monotonic() < known.fresh_until:
            return known
        return self._renewed(self._quick, run_id, known)

    def forget(self, run_id: str) -> None:
        """Take nothing for granted of a run any more."""
        self._known.pop(run_id, None)

    def forget_all(self) -> None:
        """Take nothing for granted of any run."""
        self._known.clear()

    def _renewed(self, quick: Store, run_id: str, known: Known) -> Known | None:
        began = time.monotonic()
        try:
            run = quick.get_run(self._real_id(run_id))
        except RunNotFoundError:
            self.forget(run_id)
            return None
        except StoreError:
            logger.debug("Whether run %s can be written could not be asked.", run_id)
        else:
            if run.info.lifecycle_stage is LifecycleStage.DELETED:
                self.forget(run_id)
                return None
            known.params = {**run.data.params, **known.params}
        now = time.monotonic()
        known.fresh_until = now + max(RENEW_S, 50 * (now - began))
        return known


def check_texts(change: Logged, param_limit: int, tag_limit: int) -> None:
    """Refuse params and tags that no store takes. The limits are of their values' lengths, in characters."""
    for param in change.params:
        validation.check_key("param", param.key)
        validation.check_text(f"param {param.key!r}", param.value, param_limit)
    for tag in change.tags:
        validation.check_key("tag", tag.key)
        if tag.key == validation.RUN_NAME_TAG:
            validation.check_run_name(tag.value, tag_limit)
        else:
            validation.check_text(f"tag {tag.key!r}", tag.value, tag_limit)


def agreed_params(run_id: str, known: Mapping[str, str], params: Iterable[Param]) -> dict[str, str]:
    """The params that are new. Raises ParamChangedError where one has another value already."""
    new: dict[str, str] = {}
    for param in params:
        old = known.get(param.key, new.get(param.key))
        if old is None:
            new[param.key] = param.value
        elif old != param.value:
            raise validation.param_changed(run_id, param.key, old, param.value)
    return new
