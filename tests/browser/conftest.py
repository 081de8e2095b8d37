"""One JupyterLab and one browser for all tests; for each a folder and kernels of its own, a page or a turn in one."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

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
SIZE: ViewportSize = {"width": 1400, "height": 900}
HAS_FAILED = pytest.StashKey[bool]()


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember which tests failed, for the fixtures that they used."""
    report = yield
    item.stash[HAS_FAILED] = item.stash.get(HAS_FAILED, False) or report.failed
    return report


class Pages:
    """The page in which the tests of a file take turns: the one that was opened last, until it is closed."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None

    def take(self) -> Page:
        """The page, as large as a new one."""
        if self._page is None:
            context = self._browser.new_context(viewport=SIZE, permissions=["clipboard-read", "clipboard-write"])
            context.set_default_timeout(PATIENCE_MS)
            self._page = context.new_page()
        self._page.set_viewport_size(SIZE)
        return self._page

    def close(self) -> None:
        """Close it, so that the next test gets a new one."""
        if self._page is not None:
            self._page.context.close()
        self._page = None


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[Pages]:
    opened = Pages(browser)
    yield opened
    opened.close()


@pytest.fixture
def page(pages: Pages, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new page; in files with the mark ``one_page`` that of the test before, where that one passed."""
    yield pages.take()
    if request.node.stash.get(HAS_FAILED, False) or not request.node.get_closest_marker("one_page"):
        pages.close()


def new_folder(path: Path) -> Path:
    """Make a folder with this name, or with a number behind it when a test is run once more."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    folder = next(tried for tried in chain([path], numbered) if not tried.exists())
    folder.mkdir()
    return folder


@pytest.fixture
def lab(page: Page, server: JupyterServer, request: pytest.FixtureRequest) -> Iterator[Lab]:
    folder = new_folder(server.root / re.sub(r"\W+", "-", request.node.name))
    shown = Lab(page, server, folder)
    yield shown
    shown.leave()
    server.stop_kernels()
    server.reset_settings()
