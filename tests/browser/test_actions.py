"""What people do with runs, once with the mouse alone and once with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import SIZE
from .lab import PATIENCE_MS, Lab, Panel

AXE = Path(__file__).resolve().parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "<img src=x onerror='window.hit=1'> \u202egnp.exe"
MAKE = f"""
import trackside
for n in range(3):
    with trackside.start_run(run_name=f"sweep {{n}}"):
        trackside.log_metric("loss", 1 / (n + 2))
        with trackside.start_run(run_name=f"child {{n}}", nested=True):
            trackside.log_param("depth", n)
with trackside.start_run(run_name={HOSTILE!r}):
    pass
"""


@pytest.fixture
def panel(lab: Lab) -> Panel:
    """The panel with three sweeps of two runs each, and a run whose name is markup."""
    panel = lab.open_with_panel("acts.ipynb", MAKE)
    lab.run_through(0)
    expect(panel.runs).to_have_count(7)
    return panel


def notice(panel: Panel) -> Locator:
    return panel.widget.locator(".ts-notice-text")


def menu_item(panel: Panel, label: str) -> Locator:
    return panel.widget.get_by_role("menuitem", name=label)


def test_everything_is_done_with_the_mouse_alone(lab: Lab, panel: Panel) -> None:
    """R6.1, R6.2, R6.4, R8.7, R9.1: from the menu, the boxes and the bar."""
    sweep = panel.run("sweep 1")
    sweep.hover()
    sweep.get_by_role("button", name="Actions on sweep 1").click()
    menu_item(panel, "Star").click()
    expect(sweep.get_by_role("img", name="Starred")).to_be_visible()
    sweep.locator(".ts-run-name").click(button="right")
    menu_item(panel, "Delete…").click()
    dialog = panel.widget.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(panel.runs).to_have_count(5)
    expect(notice(panel)).to_have_text("2 runs deleted.")
    panel.widget.get_by_role("button", name="Undo").click()
    expect(panel.runs).to_have_count(7)

    use_the_boxes_and_the_bar(lab, panel)
    panel.run("gnp.exe").locator(".ts-run-name").click(button="right")
    menu_item(panel, "Delete…").click()
    expect(dialog.locator(".ts-about")).to_have_text(HOSTILE)
    dialog.get_by_role("button", name="Cancel").click()
    assert lab.page.evaluate("window.hit") is None
    use_the_trash(lab, panel)


def use_the_boxes_and_the_bar(lab: Lab, panel: Panel) -> None:
    """R6.4, R8.7, R9.1: chosen runs get a tag together, and go into one file."""
    dialog = panel.widget.get_by_role("dialog")
    panel.run("sweep 0").hover()
    panel.run("sweep 0").get_by_role("checkbox").check()
    panel.run("sweep 2").locator(".ts-run-name").click(modifiers=["Shift"])
    bar = panel.widget.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("5 selected")
    panel.run("child 0").locator(".ts-run-name").click(modifiers=["Control"])
    expect(bar).to_contain_text("6 selected")
    bar.get_by_role("button", name="Set a tag").click()
    dialog.get_by_label("Name").fill("color")
    dialog.get_by_label("Value").fill("blue")
    dialog.get_by_role("button", name="Set tag").click()
    expect(notice(panel)).to_have_text("Tag “color” set on 6 runs.")
    bar.get_by_role("button", name="Save as CSV").click()
    expect(notice(panel)).to_contain_text("6 runs saved as acts-runs.csv")
    lines = (lab.folder / "acts-runs.csv").read_text().splitlines()
    assert lines[0].startswith("Run ID,Name,Source Type,Source Name,User,Status,")
    assert len(lines) == 7
    bar.get_by_role("button", name="Clear the selection").click()
    expect(bar).to_have_count(0)


def use_the_trash(lab: Lab, panel: Panel) -> None:
    """R8.3, R9.2: a deleted run is restored, another is removed for good with its artifacts."""
    dialog = panel.widget.get_by_role("dialog")
    run_id = panel.run("sweep 2").get_attribute("data-run")
    panel.run("sweep 2").locator(".ts-run-name").click(button="right")
    menu_item(panel, "Delete…").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(panel.runs).to_have_count(5)
    panel.widget.get_by_role("button", name="State, status, time, models").click()
    panel.widget.get_by_role("combobox", name="State").select_option("deleted")
    expect(panel.runs).to_have_count(2)
    expect(panel.run("sweep 2")).to_contain_text("30 days left")
    panel.run("child 2").locator(".ts-run-name").click(button="right")
    menu_item(panel, "Restore").click()
    expect(notice(panel)).to_have_text("1 run restored.")
    expect(panel.runs).to_have_count(1)
    artifacts = list((lab.folder / "mlruns").glob(f"*/{run_id}"))
    assert len(artifacts) == 1
    panel.widget.get_by_role("button", name="Select all").click()
    panel.widget.get_by_role("toolbar").get_by_role("button", name="Delete for good").click()
    expect(dialog).to_contain_text("of artifacts are removed as well. This cannot be undone.")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(notice(panel)).to_contain_text("1 run deleted for good")
    expect(panel.runs).to_have_count(0)
    assert not artifacts[0].exists()


def test_everything_is_done_with_the_keyboard_alone(lab: Lab, panel: Panel) -> None:
    """R6.1, R6.2, R6.4, R8.7, R9.1: the focus stays in the list, also when the run that has it goes."""
    keyboard = lab.page.keyboard
    panel.runs.first.locator(".ts-run-toggle").press("End")
    last = panel.run("child 0")
    expect(last.locator(".ts-run-toggle")).to_be_focused()
    keyboard.press("Delete")
    expect(panel.widget.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    keyboard.press("Enter")
    expect(panel.runs).to_have_count(6)
    expect(panel.run("sweep 0").locator(".ts-run-toggle")).to_be_focused()
    keyboard.press("Control+z")
    expect(panel.runs).to_have_count(7)
    rename_and_tag_by_keys(lab, panel)
    open_menu_and_help_by_keys(lab, panel)


def rename_and_tag_by_keys(lab: Lab, panel: Panel) -> None:
    """R6.1, R6.2, R8.7: from the first row to the last; the chosen ones are starred, tagged and saved together."""
    keyboard, last = lab.page.keyboard, panel.run("child 0")
    keyboard.press("F2")
    expect(panel.widget.get_by_label("New name of the run")).to_be_focused()
    keyboard.type("renamed")
    keyboard.press("Enter")
    expect(panel.run("renamed").locator(".ts-run-toggle")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("Shift+Space")
    expect(panel.widget.get_by_role("toolbar")).to_contain_text("2 selected")
    keyboard.press("s")
    expect(panel.widget.get_by_role("img", name="Starred")).to_have_count(2)
    keyboard.press("t")
    expect(panel.widget.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    keyboard.type("color")
    keyboard.press("Tab")
    keyboard.type("blue")
    keyboard.press("Enter")
    expect(notice(panel)).to_have_text("Tag “color” set on 2 runs.")
    expect(last.locator(".ts-run-toggle")).to_be_focused()
    keyboard.press("e")
    expect(notice(panel)).to_contain_text("2 runs saved as acts-runs.csv")
    keyboard.press("Escape")
    expect(panel.widget.get_by_role("toolbar")).to_have_count(0)


def open_menu_and_help_by_keys(lab: Lab, panel: Panel) -> None:
    """Each gives the focus back to the run that had it."""
    keyboard, last = lab.page.keyboard, panel.run("child 0")
    keyboard.press("m")
    expect(menu_item(panel, "View in a tab")).to_be_focused()
    keyboard.press("o")
    keyboard.press("Enter")
    keyboard.press("Escape")
    expect(last.locator(".ts-run-toggle")).to_be_focused()
    keyboard.press("c")
    expect(notice(panel)).to_have_text("Copied.")
    assert re.fullmatch("[0-9a-f]{32}", lab.page.evaluate("navigator.clipboard.readText()"))
    keyboard.press("Shift+?")
    expect(panel.widget.get_by_role("dialog", name="Keys")).to_contain_text("Select up to this run")
    keyboard.press("Escape")
    expect(last.locator(".ts-run-toggle")).to_be_focused()


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe finds wrong in the panel that is serious or worse: the rule, and where."""
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document.querySelector('#trackside-sidebar'))).violations"
    )
    grave = [violation for violation in found if violation["impact"] in ("serious", "critical")]
    return [(violation["id"], node["html"][:200]) for violation in grave for node in violation["nodes"]]


THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")


def test_nothing_serious_is_wrong_for_those_who_see_little_or_nothing(lab: Lab, panel: Panel) -> None:
    """With a run unfolded, runs chosen, a menu, a dialog and the help, in every theme."""
    lab.page.add_script_tag(path=AXE)
    keyboard = lab.page.keyboard
    toggle = panel.run("sweep 1").locator(".ts-run-toggle")
    toggle.click()
    expect(panel.run("sweep 1").locator(".ts-details")).to_contain_text("loss")
    keyboard.press("Space")
    keyboard.press("s")
    expect(notice(panel)).to_be_visible()
    for theme in THEMES:
        lab.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        expect(lab.page.locator("body")).to_have_attribute("data-jp-theme-name", theme, timeout=PATIENCE_MS)
        assert (theme, serious(lab.page)) == (theme, [])
        for key in ("m", "t", "?"):
            keyboard.press(key)
            expect(panel.widget.locator("[role=menu], dialog")).to_be_visible()
            assert (theme, key, serious(lab.page)) == (theme, key, [])
            keyboard.press("Escape")
            expect(toggle).to_be_focused()


def test_two_windows_on_one_notebook_show_what_each_of_them_does(lab: Lab, panel: Panel, browser: Browser) -> None:
    """A run that the other window deleted while its menu was open here is told, and nothing else is touched."""
    context = browser.new_context(viewport=SIZE)
    other = Lab(context.new_page(), lab.server, lab.folder)
    other.open("acts.ipynb")
    there = other.open_panel()
    there.wait_for_widget()
    expect(there.runs).to_have_count(7, timeout=PATIENCE_MS)
    there.run("sweep 0").locator(".ts-run-toggle").press("s")
    expect(panel.run("sweep 0").get_by_role("img", name="Starred")).to_be_visible()

    panel.run("sweep 2").locator(".ts-run-name").click(button="right")
    there.run("sweep 2").locator(".ts-run-toggle").press("Delete")
    expect(there.widget.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    other.page.keyboard.press("Enter")
    expect(there.runs).to_have_count(5)
    expect(panel.runs).to_have_count(5)
    menu_item(panel, "Set a tag…").click()
    dialog = panel.widget.get_by_role("dialog")
    dialog.get_by_label("Name").fill("color")
    dialog.get_by_role("button", name="Set tag").click()
    expect(notice(panel)).to_contain_text("Not done for 1 run.")
    context.close()


GOES_ON = """
import time, trackside
trackside.start_run(run_name="goes on")
while True:
    time.sleep(0.05)
"""
DIES = """
import os
from trackside.tracking import several
several.move_to_trash = lambda *_, **__: os._exit(1)
"""


def test_a_run_that_goes_on_is_interrupted_and_a_kernel_that_dies_did_not_do_what_was_asked(lab: Lab) -> None:
    """The kernel that comes after it says so; the run is still there."""
    panel = lab.open_with_panel("goes.ipynb", GOES_ON, DIES)
    lab.run(0)
    run = panel.run("goes on")
    expect(run).to_have_attribute("data-maker", "here", timeout=PATIENCE_MS)
    run.locator(".ts-run-toggle").press("i")
    panel.widget.get_by_role("button", name="Interrupt", exact=True).click()
    expect(notice(panel)).to_have_text("The kernel was interrupted.")
    expect(run).to_have_attribute("data-status", "KILLED", timeout=PATIENCE_MS)
    expect(lab.cells.first).to_contain_text("KeyboardInterrupt")

    lab.run_through(1)
    run.locator(".ts-run-toggle").press("Delete")
    panel.widget.get_by_role("button", name="Delete", exact=True).click()
    expect(notice(panel)).to_contain_text("Not done: Delete 1 run", timeout=2 * PATIENCE_MS)
    expect(run).to_have_count(1)
