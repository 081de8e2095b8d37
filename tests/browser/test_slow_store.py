"""A server that takes seconds for each request: the panel says so, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .lab import PATIENCE_MS, Lab
from .slow_link import SlowLink

if TYPE_CHECKING:
    from ..servers import MlflowServer
    from .lab import Panel

pytestmark = pytest.mark.server
RUNS = """
import trackside
trackside.set_tracking_uri({url!r})
for name in ("one", "two", "three"):
    with trackside.start_run(run_name=name):
        trackside.log_param("depth", 3)
trackside.flush()
"""
SLOW_S = 1.5
LONG_MS = 3 * PATIENCE_MS


@pytest.fixture
def link(mlflow_server: MlflowServer) -> Iterator[SlowLink]:
    made = SlowLink(mlflow_server.url)
    yield made
    made.close()


def test_a_slow_store_holds_up_neither_the_panel_nor_the_notebook(lab: Lab, link: SlowLink) -> None:
    """R4.1, R6.1, R9.1: what goes on is said, what is asked meanwhile is done too, and it is told when it is done."""
    panel = lab.open_with_panel("slow.ipynb", RUNS.format(url=link.url), "40 + 2")
    lab.run_through(0, timeout_s=LONG_MS / 1000)
    expect(panel.runs).to_have_count(3, timeout=PATIENCE_MS)
    link.delay_s = SLOW_S
    waiting, notice = panel.widget.locator(".ts-waiting"), panel.widget.locator(".ts-notice")

    panel.run("one").locator(".ts-run-toggle").click()
    rename(lab, panel, "two", "renamed")
    expect(waiting).to_have_text("Waiting for the store…", timeout=PATIENCE_MS)
    expect(lab.run_through(1)).to_contain_text("42")
    expect(panel.run("renamed")).to_be_visible(timeout=LONG_MS)
    expect(panel.run("one").locator(".ts-details")).to_contain_text("depth3", timeout=LONG_MS)
    expect(waiting).to_have_count(0, timeout=LONG_MS)

    link.delay_s = 2 * SLOW_S  # longer than a question waits
    panel.run("three").locator(".ts-run-toggle").press("Delete")
    dialog = panel.widget.get_by_role("dialog")
    expect(dialog).to_contain_text("descendants as well, if there are any", timeout=PATIENCE_MS)
    lab.page.keyboard.press("Enter")
    expect(notice).to_contain_text("1 run deleted.", timeout=LONG_MS)
    expect(panel.run("three")).to_have_count(0, timeout=LONG_MS)
    expect(notice.locator('[data-fault="true"]')).to_have_count(0)


def rename(lab: Lab, panel: Panel, old: str, new: str) -> None:
    """By keyboard, in its place."""
    panel.run(old).locator(".ts-run-toggle").press("F2")
    expect(panel.widget.get_by_label("New name of the run")).to_be_focused()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type(new)
    lab.page.keyboard.press("Enter")
