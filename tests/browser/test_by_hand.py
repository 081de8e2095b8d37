"""More of a day's work: once without the mouse, from the notebook's cell on, and once with the mouse alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ..repositories import commit_all, git
from .hands import choose, go, go_to_first, go_to_panel, press
from .lab import PATIENCE_MS, Lab, Panel

pytestmark = pytest.mark.one_page

RUNS = """
import trackside
for number in range(4):
    with trackside.start_run(run_name=f"run {number}"):
        trackside.log_params({"rate": number // 2, "seed": number % 2})
        trackside.log_metric("score", (number - 1) ** 2)
"""


@pytest.fixture
def panel(lab: Lab) -> Panel:
    """Four runs of a notebook that lies in a Git repository without a remote; nothing has the focus in the panel."""
    commit_all(lab.write("hand.ipynb", RUNS).parent, "Start")
    lab.open("hand.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run_through(0)
    expect(panel.runs).to_have_count(4, timeout=PATIENCE_MS)
    return panel


def test_a_day_of_work_without_the_mouse(lab: Lab, panel: Panel) -> None:
    """R4.3, R6.3, R8.3, R9.1: the focus is always somewhere, and leads everywhere."""
    page = lab.page
    go_to_panel(page)
    expect(panel.run("run 3").locator(".ts-run-toggle")).to_be_focused()
    write_a_note(page, panel)
    sort_and_group(page, panel)
    delete_and_choose(page, panel)


def write_a_note(page: Page, panel: Panel) -> None:
    """R6.3: written, looked at, saved, and written again."""
    keyboard, run = page.keyboard, panel.run("run 3")
    keyboard.press("ArrowRight")
    press(page, run.get_by_role("button", name="Write a note"))
    expect(run.get_by_label("Note, in Markdown")).to_be_focused()
    keyboard.type("**Best** so far")
    go(page, run.get_by_role("button", name="Preview"), "Shift+Tab")
    keyboard.press("Space")
    expect(run.locator(".ts-note-preview strong")).to_have_text("Best")
    press(page, run.get_by_role("button", name="Save", exact=True))
    expect(run.locator(".ts-note strong")).to_have_text("Best")
    expect(run.get_by_role("button", name="Edit the note")).to_be_focused()
    keyboard.press("Enter")
    expect(run.get_by_label("Note, in Markdown")).to_be_focused()
    keyboard.press("Control+End")
    keyboard.type("!")
    keyboard.press("Control+Enter")
    expect(run.locator(".ts-note")).to_have_text("Best so far!")
    expect(run.get_by_role("button", name="Edit the note")).to_be_focused()
    go(page, run.locator(".ts-run-toggle"), "Shift+Tab")
    keyboard.press("ArrowLeft")
    expect(run.locator(".ts-run-note")).to_contain_text("so far!")


def sort_and_group(page: Page, panel: Panel) -> None:
    """R4.3: by a metric, both ways; in groups and back; as a table whose heads sort."""
    drawer = panel.widget.get_by_role("button", name="Order, density, columns")
    go(page, drawer, "Shift+Tab")
    page.keyboard.press("Enter")
    choose(page, panel.widget.get_by_label("Sort by", exact=True), "score")
    expect(panel.runs.first).to_contain_text("run 3")
    press(page, panel.widget.get_by_role("button", name="Descending"))
    expect(panel.runs.first).to_contain_text("run 1")
    choose(page, panel.widget.get_by_label("Group by", exact=True), "rate")
    groups = panel.widget.locator(".ts-group")
    expect(groups).to_have_count(2, timeout=PATIENCE_MS)
    also = panel.widget.get_by_label("Add a field…", exact=True)
    choose(page, also, "seed")
    expect(groups).to_have_count(4, timeout=PATIENCE_MS)
    expect(groups.first).to_contain_text(re.compile(r"rate \d\s*seed \d"))
    take_back = panel.widget.get_by_role("button", name="Take back: seed")
    go(page, take_back, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(groups).to_have_count(2, timeout=PATIENCE_MS)
    expect(also.or_(panel.widget.get_by_label("Group by", exact=True)).and_(page.locator(":focus"))).to_have_count(1)
    press(page, groups.filter(has_text="rate 1").get_by_role("button", name="2 runs"))
    expect(panel.widget.locator(".ts-total")).to_have_text("2 runs")
    expect(panel.widget.locator(":focus")).to_have_count(1)
    go(page, panel.widget.get_by_role("combobox", name="Filter runs"), "Shift+Tab")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(panel.runs).to_have_count(4)
    go(page, drawer)
    choose(page, panel.widget.get_by_label("Density", exact=True), "Rows")
    press(page, panel.widget.get_by_role("button", name="Sorted by score"))
    expect(panel.runs.first).to_contain_text("run 3")
    go(page, drawer, "Shift+Tab")
    page.keyboard.press("Enter")


def delete_and_choose(page: Page, panel: Panel) -> None:
    """R8.3, R9.1: two runs are deleted and found again; by status and by state."""
    keyboard, dialog = page.keyboard, panel.widget.get_by_role("dialog")
    go_to_first(page, panel, "run 3")
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("Space")
    keyboard.press("Delete")
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    keyboard.press("Enter")
    expect(panel.runs).to_have_count(2)

    drawer = panel.widget.get_by_role("button", name="State, status, time, models")
    go(page, drawer, "Shift+Tab")
    keyboard.press("Enter")
    status = panel.widget.get_by_label("Status", exact=True)
    choose(page, status, "Failed")
    expect(panel.runs).to_have_count(0)
    keyboard.press("Home")
    expect(panel.runs).to_have_count(2)
    go(page, drawer, "Shift+Tab")
    choose(page, panel.widget.get_by_label("State", exact=True), "Deleted")
    expect(panel.run("run 3")).to_have_attribute("data-state", "deleted")
    expect(panel.runs).to_have_count(2)


def test_source_and_commit_are_opened_with_the_mouse(lab: Lab, panel: Panel) -> None:
    """R5.2: without a known hosting site the file that lies here, and what the commit changed."""
    commit = git(lab.folder, "rev-parse", "HEAD")
    run = panel.run("run 3")
    run.hover()
    run.get_by_role("button", name="Open run 3 in a tab").click()
    tab = lab.page.locator(".trackside-run:not(.lm-mod-hidden)")
    source = tab.locator(".ts-source")
    source.get_by_role("button", name="hand.ipynb").click(timeout=PATIENCE_MS)
    lab.expect_in_front("hand.ipynb")
    expect(lab.tab("hand.ipynb")).to_have_count(1)

    lab.go_to("run 3")
    source.get_by_role("button", name=commit[:8], exact=True).click()
    changes = lab.page.locator(".trackside-diff:visible")
    expect(changes).to_contain_text(commit, timeout=PATIENCE_MS)
    expect(changes.locator("[data-kind=came]").first).to_contain_text("+")
    expect(changes).to_contain_text("hand.ipynb")
    lab.expect_in_front(commit[:8])
