"""The kernel's end of the comm ``trackside``, over which the labextension speaks about a notebook.

The other end is ``js/src/lab``; the messages are in ``js/src/lab/protocol.ts``, and examples in
``tests/protocol/host.*.json`` hold both to them. Messages come on any thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from trackside.notebook import session as notebook_session
from trackside.widgets.comms import repair
from trackside.widgets.host_requests import HOST_REQUESTS

if TYPE_CHECKING:
    from trackside.notebook.session import NotebookSession

logger = logging.getLogger("trackside")


class Comm(Protocol):
    """What the host needs of a comm."""

    comm_id: str

    def send(self, data: dict[str, Any]) -> None: ...
    def on_msg(self, callback: Any) -> None: ...
    def on_close(self, callback: Any) -> None: ...


class Host:
    """The notebook panels that are connected to this kernel, one comm each."""

    def __init__(self) -> None:
        self._comms: list[Comm] = []
        self._lock = threading.Lock()
        self._listens_to: NotebookSession | None = None

    def connect(self, comm: Comm, open_message: Mapping[str, Any]) -> None:
        """Take up a comm that a labextension opened; its first message may come with the opening."""
        repair(comm)
        comm.on_msg(lambda message: self._receive(comm, message))
        comm.on_close(lambda _message: self._forget(comm))
        with self._lock:
            self._comms.append(comm)
        self._listen()
        if _data_of(open_message).get("kind"):
            self._receive(comm, open_message)

    @property
    def is_connected(self) -> bool:
        """Whether a labextension is there."""
        return bool(self._comms)

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message to every connected labextension."""
        for comm in tuple(self._comms):
            self._tell_one(comm, message)

    def _tell_one(self, comm: Comm, message: dict[str, Any]) -> None:
        try:
            comm.send(message)
        except Exception as error:
            logger.debug("A notebook panel could not be reached: %r", error, exc_info=True)
            self._forget(comm)

    def _listen(self) -> None:
        """Pass on the notebook's id when its first run makes one."""
        current = notebook_session.current()
        with self._lock:
            if current is None or current is self._listens_to:
                return
            self._listens_to = current
        current.on_identified(lambda notebook_id: self.tell({"kind": "notebook.identify", "notebook_id": notebook_id}))

    def _receive(self, comm: Comm, message: Mapping[str, Any]) -> None:
        data = _data_of(message)
        try:
            if data.get("kind") == "notebook.sync":
                self._sync(comm, data)
            elif data.get("kind") in HOST_REQUESTS:
                self._answer(comm, data)
        except Exception as error:
            logger.error("Trackside could not take %r from the notebook: %r", data.get("kind"), error, exc_info=True)

    def _answer(self, comm: Comm, data: Mapping[str, Any]) -> None:
        reply = HOST_REQUESTS[data["kind"]](data)
        if reply is not None:
            comm.send(reply)

    def _sync(self, comm: Comm, data: Mapping[str, Any]) -> None:
        self._listen()
        current = notebook_session.current()
        if current is not None:
            current.sync(data, comm.comm_id)

    def _forget(self, comm: Comm) -> None:
        with self._lock:
            self._comms = [other for other in self._comms if other is not comm]
        current = notebook_session.current()
        if current is not None:
            current.host_closed(comm.comm_id)


def _data_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    content = message.get("content")
    data = content.get("data") if isinstance(content, Mapping) else None
    return data if isinstance(data, Mapping) else {}


_host = Host()


def connect(comm: Comm, open_message: Mapping[str, Any]) -> None:
    """The comm target's function: called by the kernel when a labextension opens a comm."""
    _host.connect(comm, open_message)


def is_connected() -> bool:
    """Whether a labextension shows this kernel's notebook."""
    return _host.is_connected


def reveal() -> bool:
    """Bring the panel to the front in the notebook's front end; false where no labextension is there."""
    _host.tell({"kind": "panel.reveal"})
    return _host.is_connected
