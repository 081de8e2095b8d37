"""The panel as it looks and feels: narrow, light and dark, by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from .waiting import wait_until

if TYPE_CHECKING:
    from .lab import Lab, Panel

NARROW_PX = 260
RUNS = """
import trackside
for name in ("first", "second with a name that is a good deal longer than the panel is wide"):
    with trackside.start_run(run_name=name):
        trackside.log_params({"learning_rate": 0.0003, "p" * 200: "v" * 5000})
        trackside.log_metrics({"validation/accuracy": 0.123456789, "nothing": float("nan"), "much": float("inf")})
        trackside.set_tag("t" * 200, "w" * 5000)
"""


@pytest.fixture
def panel(lab: Lab) -> Panel:
    """The panel with two runs of long texts."""
    shown = lab.open_with_panel("look.ipynb", RUNS)
    lab.run_through(0)
    expect(shown.runs).to_have_count(2)
    return shown


def test_nothing_sticks_out_of_a_narrow_panel(lab: Lab, panel: Panel) -> None:
    """R4.1, R4.2: at 260 pixels; NaN and infinity are shown as such."""
    box = panel.element.bounding_box()
    assert box is not None
    lab.page.mouse.move(box["x"] - 2, 400)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + box["width"] - NARROW_PX, 400, steps=4)
    lab.page.mouse.up()
    for toggle in panel.widget.locator(".ts-run-toggle").all():
        toggle.click()
    expect(panel.widget.get_by_text("validation/accuracy")).not_to_have_count(0)
    expect(panel.widget).to_contain_text("NaN")
    expect(panel.widget).to_contain_text("∞")
    narrow = panel.element.bounding_box()
    assert narrow is not None
    assert narrow["width"] <= NARROW_PX
    assert panel.widget.evaluate("widget => widget.scrollWidth - widget.clientWidth") <= 0


def test_a_run_is_unfolded_and_renamed_by_keyboard_alone(page: Page, panel: Panel) -> None:
    """R6.2, R4.2: arrows move, Enter unfolds, F2 renames, Escape leaves the name as it was."""
    toggles = panel.widget.locator(".ts-run-toggle")
    panel.widget.locator(".ts-drawer-button").last.press("Tab")
    expect(toggles.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(toggles.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(toggles.nth(1)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("F2")
    expect(panel.widget.locator("input:focus")).to_be_visible()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(panel.run("by keyboard")).to_be_visible()
    expect(toggles.nth(1)).to_be_focused()
    page.keyboard.press("F2")
    expect(panel.widget.locator("input:focus")).to_be_visible()
    page.keyboard.type("never mind")
    page.keyboard.press("Escape")
    expect(panel.run("by keyboard")).to_be_visible()
    expect(toggles.nth(1)).to_be_focused()


def test_the_panel_takes_the_colours_of_the_theme(page: Page, panel: Panel) -> None:
    name = panel.widget.locator(".ts-run-name").first
    light = name.evaluate("name => getComputedStyle(name).color")
    page.evaluate("void window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    wait_until(lambda: _brightness(name.evaluate("name => getComputedStyle(name).color")) > 180)
    page.evaluate("void window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
    expect(name).to_have_css("color", light)
    assert _brightness(light) < 80


def _brightness(colour: str) -> float:
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
