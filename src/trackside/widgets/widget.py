"""What every widget of Trackside is: a front end bundle, requests that are answered, and pushes of what changed.

Import this module only when a widget is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

import threading
import uuid
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from trackside.errors import NotFoundError, TracksideError
from trackside.notebook import session as notebook_session
from trackside.widgets import actions
from trackside.widgets.bridge import Handler, Message, answer, begun
from trackside.widgets.comms import repair
from trackside.widgets.context import read_store
from trackside.widgets.dead_runs import read_context_without_dead_runs
from trackside.widgets.lanes import Lanes, takes_its_time
from trackside.widgets.turns import quick_turns
from trackside.widgets.watcher import Watcher

OWN_CHANGE_S = 5.0
"""How long an answer waits for what a person has just changed here to be in the store, and to be shown."""

WATCHES = frozenset({"runs.watch", "runs.between", "runs.leave", "run.watch", "run.leave"})
"""The requests that say what is shown: the last one counts."""


def static(name: str) -> Path:
    """A file of the built front end."""
    path = Path(__file__).with_name("static") / name
    if not path.is_file():
        raise NotFoundError(
            f"the panel's front end is missing: there is no {path}",
            hint="Install Trackside with pip, or build the front end with `npm --prefix js run build`.",
        )
    return path


class Widget(anywidget.AnyWidget):
    """A view of runs. It answers requests on whatever thread they come, and is pushed to by the watcher's thread."""

    _esm = static("widget.js")
    view = traitlets.Unicode("").tag(sync=True)
    place = traitlets.Unicode("").tag(sync=True)
    """The notebook's path as people know it: what pages keep under before the notebook has an id."""
    own_id = traitlets.Unicode("").tag(sync=True)
    """The model's id, by which the front end finds it on its page."""

    push_kind = ""
    """The kind of message that carries what changed."""
    changes: frozenset[str] = frozenset()
    """The requests after which the widget looks different."""

    def __init__(self, handlers: Mapping[str, Handler], **kwargs: Any) -> None:
        own_id = uuid.uuid4().hex
        super().__init__(place=_place(), model_id=own_id, own_id=own_id, **kwargs)
        self._guard = threading.RLock()
        self._pushed: Message | None = None
        self._speaking = threading.Lock()
        self._changes_told = 0
        self._answers_while_busy = False
        self._handlers = handlers
        self._lanes = Lanes()
        repair(self.comm)
        repair(self.layout.comm)
        self.on_msg(self._receive)
        watcher.add(self)

    @property
    def is_open(self) -> bool:
        """Whether the widget can still be reached by a front end."""
        return self.comm is not None

    def close(self) -> None:
        """Remove the widget wherever it is shown."""
        super().close()
        watcher.remove(self)

    def push(self) -> None:
        """Push all that is shown, changed or not."""
        with self._guard:
            self._pushed = None
            self.refresh()

    def refresh(self) -> bool:
        """Push what changed since the last push; false if that must be tried again."""
        with self._guard:
            pushed = self.push_new(self.take, self._pushed, {"kind": self.push_kind})
            self._pushed = pushed or self._pushed
        return pushed is not None and pushed.content["store"]["fault"] is None

    def push_new(self, take: Callable[[], Message], known: Message | None, head: Mapping[str, str]) -> Message | None:
        """Take a snapshot and push it, unless it is the one that is known.

        Returns:
            The snapshot, or None where a change was answered meanwhile: it may be from before that, and the page would
            take back what it shows of the change.
        """
        told = self._changes_told
        snapshot = take()
        with self._speaking:
            if told != self._changes_told:
                return None
            if snapshot != known:
                self.send({**head, "data": snapshot.content}, snapshot.buffers)
        return snapshot

    @abstractmethod
    def take(self) -> Message:
        """All that is shown now; its content has ``store`` with a ``fault`` where the store could not be read."""

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        self._answers_while_busy = threading.current_thread() is not threading.main_thread()
        if not isinstance(content, dict) or not takes_its_time():
            self._answer(content, self.refresh)
            return
        self.send(begun(content).content)
        self._lanes.put(self._lane_of(content.get("kind")), lambda: self._answer(content, self._refresh_soon))

    def _lane_of(self, kind: object) -> str:
        """Changes are made in the order in which people make them; of what is looked at, the last counts."""
        if kind in self.changes:
            return "changes"
        return "watch" if kind in WATCHES else str(kind)

    def _refresh_soon(self) -> None:
        self._lanes.wait_for("watch", self.refresh, OWN_CHANGE_S)

    def _answer(self, content: object, refresh: Callable[[], object]) -> None:
        is_change = isinstance(content, dict) and content.get("kind") in self.changes
        with quick_turns(), watcher.held_back() if is_change else nullcontext():
            message = answer(content, self._handlers)
            is_changed = is_change and "reply" in message.content
            if is_changed:
                with suppress(TracksideError):  # the snapshot says what is wrong
                    read_store(OWN_CHANGE_S)
            if is_changed and not actions.is_star(content):
                refresh()
            with self._speaking:
                self._changes_told += is_changed
                self.send(message.content, message.buffers)


def _place() -> str:
    current = notebook_session.current()
    return current.display_path if current else ""


watcher = Watcher(read_context_without_dead_runs)
