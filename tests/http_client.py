"""A client of a small server, which answers as it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trackside.stores._http import Call, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .servers import SmallServer

PATH = "/api/2.0/mlflow/runs/get"
ASK = Call("GET", PATH)


@pytest.fixture
def pauses() -> list[float]:
    """How long the client waited instead of sleeping."""
    return []


@pytest.fixture
def server(no_settings: None, small_server: SmallServer, pauses: list[float]) -> Iterator[Server]:
    """The client; its pauses take no time."""
    client = Server(small_server.url, pause=pauses.append)
    yield client
    client.close()
