"""What people do without a mouse: keys that lead from what has the focus to what is wanted, and do it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from .lab import PATIENCE_MS, Lab, Panel

MOST_TABS = 80


def go(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press a key until the target has the focus, as people do who see where it is."""
    expect(target).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    expect(target).to_be_focused()


def go_back(page: Page, target: Locator) -> None:
    """The other way round."""
    go(page, target, "Shift+Tab")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go to a control and press it."""
    go(page, target)
    page.keyboard.press(key)


def choose(page: Page, select: Locator, typed: str) -> None:
    """Choose from a list by the first letters of an option, once it is there: what runs have is read from the store."""
    expect(select.locator("option").filter(has_text=re.compile(rf"^\s*{re.escape(typed)}"))).not_to_have_count(0)
    go(page, select)
    page.keyboard.type(typed)


def expect_keys_in_front(lab: Lab, name: str) -> None:
    """Wait until a tab is in front and has the focus, so that keys are for it."""
    lab.expect_in_front(name)
    expect(lab.page.locator("#jp-main-dock-panel .lm-DockPanel-widget:visible :focus")).to_have_count(1)


def go_to_panel(page: Page) -> None:
    """From anywhere, by the command palette."""
    page.keyboard.press("Control+Shift+c")
    expect(page.locator(".lm-CommandPalette-input")).to_be_focused()
    page.keyboard.type("experiment runs")
    expect(page.locator(".lm-CommandPalette-item")).to_have_count(1)
    page.keyboard.press("Enter")


def go_to_first(page: Page, panel: Panel, name: str) -> None:
    """To the list, and in it to the first run, which has this name."""
    go(page, panel.widget.locator(".ts-run-toggle[tabindex='0']"))
    page.keyboard.press("Home")
    expect(panel.run(name).locator(".ts-run-toggle")).to_be_focused()


def open_drawer(page: Page, panel: Panel, name: str) -> None:
    """From below it, open what stands above the list."""
    go_back(page, panel.widget.get_by_role("button", name=name))
    page.keyboard.press("Enter")
