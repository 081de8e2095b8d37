"""One JupyterLab and one browser for all tests; a page, a folder and kernels of its own for each."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from .lab import PATIENCE_MS, Lab
from .server import JupyterServer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE = {"width": 1400, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder and run them last: Playwright leaves its event loop running in the thread."""
    for item in items:
        if in_browser(item):
            item.add_marker(pytest.mark.browser)
    items.sort(key=in_browser)


def in_browser(item: pytest.Item) -> bool:
    return "/browser/" in item.path.as_posix()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    running = JupyterServer(tmp_path_factory.mktemp("lab"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZE, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def lab(page: Page, server: JupyterServer, request: pytest.FixtureRequest) -> Iterator[Lab]:
    folder = server.root / re.sub(r"\W+", "-", request.node.name)
    folder.mkdir()
    yield Lab(page, server, folder)
    server.stop_kernels()
    server.reset_settings()
