"""A line to a server that takes its time for each request."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

from ..ports import LOCALHOST

MOST_BYTES = 1 << 16


class SlowLink:
    """Passes on what is sent to ``url``; what goes towards the server waits for ``delay_s`` on its way."""

    def __init__(self, url: str) -> None:
        self.delay_s = 0.0
        parts = urlsplit(url)
        self._server = (parts.hostname or LOCALHOST, parts.port or 80)
        self._listener = socket.create_server((LOCALHOST, 0))
        self.url = f"http://{LOCALHOST}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            for source, target, is_slow in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=(source, target, is_slow), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_slow: bool) -> None:
        try:
            while content := source.recv(MOST_BYTES):
                if is_slow:
                    time.sleep(self.delay_s)
                target.sendall(content)
        except OSError:
            pass  # the other side has closed the connection
        finally:
            source.close()
            target.close()
