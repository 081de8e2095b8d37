"""The rest of what can be done with runs, without the mouse: a run in all its parts, tabs, the trash, the choice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ..repositories import commit_all
from .hands import choose, expect_keys_in_front, go, go_back, go_to_first, go_to_panel, open_drawer, press
from .lab import PATIENCE_MS, Lab, Panel

pytestmark = pytest.mark.one_page

RUNS = """
import trackside
trackside.create_experiment("elsewhere")
with trackside.start_run(run_name="first"):
    trackside.log_param("depth", 2)
with trackside.start_run(run_name="sweep"):
    trackside.log_param("depth", 3)
    for step in range(3):
        trackside.log_metric("loss", 1 / (step + 1), step=step)
    trackside.log_text("what was seen", "notes/readme.txt")
    with trackside.start_run(run_name="fold", nested=True):
        trackside.log_metric("loss", 0.25)
"""


@pytest.fixture
def panel(lab: Lab) -> Panel:
    """Three runs of a notebook in a Git repository, one of them below another; the list has the focus."""
    commit_all(lab.write("keys.ipynb", RUNS).parent, "Start")
    lab.open("keys.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run_through(0)
    expect(panel.runs).to_have_count(3, timeout=PATIENCE_MS)
    go_to_panel(lab.page)
    expect(panel.run("sweep").locator(".ts-run-toggle")).to_be_focused()
    return panel


def test_all_of_a_run_is_read_and_changed_without_the_mouse(lab: Lab, panel: Panel) -> None:
    """R4.1, R4.2, R5.2, R6.1: in the list, from the runs below it to the commit it came from."""
    page, run = lab.page, panel.run("sweep")
    page.keyboard.press("Shift+ArrowLeft")
    expect(panel.runs).to_have_count(2)
    page.keyboard.press("Shift+ArrowRight")
    expect(panel.runs).to_have_count(3)
    page.keyboard.press("Enter")
    change_tags(page, run)
    read_numbers_and_files(page, run)

    assert hidden_stops(page, panel) == []
    press(page, run.locator(".ts-source-file"))
    expect_keys_in_front(lab, "keys.ipynb")
    go_to_panel(page)
    expect(run.locator(".ts-run-toggle")).to_be_focused()
    press(page, run.get_by_role("button", name=re.compile("^[0-9a-f]{8}$")))
    changes = page.locator(".trackside-diff:visible")
    expect(changes).to_contain_text("keys.ipynb", timeout=PATIENCE_MS)
    expect(changes).to_be_focused()


HIDDEN = """
() => {
  const element = document.activeElement;
  const box = element.matches(".ts-run-toggle") ? element.closest(".ts-run-head") : element;
  const { outlineStyle, outlineWidth } = getComputedStyle(box);
  const isSeen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return isSeen && outlineStyle !== "none" && parseFloat(outlineWidth) > 0 ? "" : element.outerHTML.slice(0, 200);
}
"""


def hidden_stops(page: Page, panel: Panel) -> list[str]:
    """What has the focus on the way through the panel without that being seen."""
    go_back(page, panel.widget.locator(".ts-experiment button"))
    found, stops = [], 0
    while panel.widget.locator(":focus").count():
        found.append(page.evaluate(HIDDEN))
        stops += 1
        page.keyboard.press("Tab")
    assert stops > 20
    go_to_panel(page)
    return [stop for stop in found if stop]


def change_tags(page: Page, run: Locator) -> None:
    """R6.1: the focus stays with the tag, and goes on when the tag is gone."""
    name, tag = run.get_by_label("Name of the new tag"), run.locator(".ts-tag", has_text="color")
    go(page, name)
    page.keyboard.type("color")
    page.keyboard.press("Tab")
    page.keyboard.type("blue")
    page.keyboard.press("Enter")
    expect(tag).to_contain_text("blue")
    expect(name).to_be_focused()
    edit = run.get_by_role("button", name="Edit tag color")
    go_back(page, edit)
    page.keyboard.press("Enter")
    expect(run.get_by_label("Value of tag color")).to_be_focused()
    page.keyboard.type("red")
    page.keyboard.press("Enter")
    expect(tag).to_contain_text("red")
    expect(edit).to_be_focused()
    press(page, run.get_by_role("button", name="Delete tag color"))
    expect(tag).to_have_count(0)
    expect(name).to_be_focused()


def read_numbers_and_files(page: Page, run: Locator) -> None:
    """R4.2: a section folds; a curve is read point by point; a file is found, looked into and downloaded."""
    params = run.get_by_role("button", name="Params")
    go_back(page, params)
    page.keyboard.press("Space")
    expect(params).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    expect(run.locator(".ts-details")).to_contain_text("depth3")
    curve = run.get_by_role("slider")
    go_back(page, curve)
    page.keyboard.press("ArrowLeft")
    expect(run.locator(".ts-metric")).to_contain_text("0.5")
    expect(curve).to_have_attribute("aria-valuetext", "0.5, step 1")
    press(page, run.get_by_role("button", name="notes", exact=True))
    press(page, run.get_by_role("button", name="readme.txt", exact=True))
    expect(run.locator(".ts-files .ts-code")).to_contain_text("what was seen")
    go(page, run.get_by_role("button", name="Download notes/readme.txt"))
    with page.expect_download(timeout=PATIENCE_MS) as started:
        page.keyboard.press("Enter")
    assert started.value.path().read_bytes() == b"what was seen"


def test_runs_and_their_notebooks_are_opened_in_tabs_without_the_mouse(lab: Lab, panel: Panel) -> None:
    """R4.2, R5.1, R6.2, R6.3: from the list and from the tab; to the neighbours, renamed, noted, and back."""
    page = lab.page
    expect(panel.run("sweep").locator(".ts-open-revision").first).to_be_enabled(timeout=PATIENCE_MS)
    page.keyboard.press("b")
    revision = page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(revision.locator(".trackside-revision-bar")).to_contain_text("sweep", timeout=PATIENCE_MS)
    expect(revision.locator(":focus")).to_have_count(1)
    go_back(page, revision.get_by_role("button", name="Restore"))
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Dialog").get_by_role("button", name="Restore")).to_be_focused()
    page.keyboard.press("Enter")
    expect_keys_in_front(lab, "keys.ipynb")

    go_to_panel(page)
    expect(panel.run("sweep").locator(".ts-run-toggle")).to_be_focused()
    page.keyboard.press("v")
    tab = page.locator(".trackside-run:not(.lm-mod-hidden)")
    expect(tab.locator(".ts-details")).to_be_visible(timeout=PATIENCE_MS)
    press(page, tab.get_by_role("button", name="Previous run first"))
    expect_keys_in_front(lab, "first")
    pencil = tab.get_by_role("button", name="Rename")
    press(page, pencil)
    expect(tab.get_by_label("New name of the run")).to_be_focused()
    page.keyboard.type("the first")
    page.keyboard.press("Enter")
    expect_keys_in_front(lab, "the first")
    expect(pencil).to_be_focused()
    press(page, tab.get_by_role("button", name="Actions on the first"))
    expect(tab.get_by_role("menuitem", name="Browse its notebook")).to_be_focused()
    page.keyboard.press("Escape")
    press(page, tab.get_by_role("button", name="Write a note"))
    page.keyboard.type("*Slow*")
    page.keyboard.press("Control+Enter")
    expect(tab.locator(".ts-note em")).to_have_text("Slow")
    go_back(page, tab.get_by_role("button", name="Open the notebook of the first"))
    page.keyboard.press("Enter")
    expect(revision.locator(".trackside-revision-bar")).to_contain_text("the first", timeout=PATIENCE_MS)


def test_the_trash_is_emptied_and_runs_are_chosen_without_the_mouse(lab: Lab, panel: Panel) -> None:
    """R8.3, R9.1, R9.2, R2.1: deleted with what is below, restored, purged; by age, by model, by experiment."""
    page, dialog = lab.page, panel.widget.get_by_role("dialog")
    choices = "State, status, time, models"
    page.keyboard.press("Delete")
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.runs).to_have_count(1)
    open_drawer(page, panel, choices)
    choose(page, panel.widget.get_by_label("State", exact=True), "Deleted")
    expect(panel.runs).to_have_count(2)
    go_to_first(page, panel, "sweep")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    expect(panel.runs).to_have_count(1)
    expect(panel.run("sweep").locator(".ts-run-toggle")).to_be_focused()
    page.keyboard.press("Shift+Delete")
    confirm = dialog.get_by_role("button", name="Delete for good")
    expect(confirm).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.runs).to_have_count(0)
    press(page, panel.widget.get_by_role("button", name="Show all runs"))
    expect(panel.runs).to_have_count(2)
    expect(panel.widget.locator(".ts-run-toggle:focus")).to_have_count(1)

    go_back(page, panel.widget.get_by_label("Created", exact=True))
    page.keyboard.type("Last hour")
    expect(panel.runs).to_have_count(2)
    go(page, panel.widget.get_by_label("Model version", exact=True))
    page.keyboard.press("ArrowDown")
    expect(panel.runs).to_have_count(0)
    press(page, panel.widget.get_by_role("button", name="Show all runs"))
    expect(panel.runs).to_have_count(2)
    choose_experiments(page, panel)
    choose_columns(page, panel)


def choose_experiments(page: Page, panel: Panel) -> None:
    """R2.1: another one, and back to the notebook's own."""
    header = panel.widget.locator(".ts-experiment button")
    go_back(page, header)
    page.keyboard.press("Enter")
    own = panel.widget.get_by_role("checkbox", name="This notebook")
    press(page, panel.widget.get_by_role("button", name="elsewhere", exact=True))
    expect(panel.runs).to_have_count(0)
    expect(own).not_to_be_checked()
    go_back(page, own)
    page.keyboard.press("Space")
    expect(panel.runs).to_have_count(2)
    expect(own).to_be_focused()
    page.keyboard.press("Escape")
    expect(own).to_have_count(0)
    expect(header).to_be_focused()


def choose_columns(page: Page, panel: Panel) -> None:
    """R4.3, R5.1: a column is added, moved and removed; the table's own icon opens the notebook."""
    drawer = panel.widget.get_by_role("button", name="Order, density, columns")
    press(page, drawer)
    choose(page, panel.widget.get_by_label("Density", exact=True), "Rows")
    add = panel.widget.get_by_label("Add a column…")
    go(page, add)
    page.keyboard.type("Status")
    columns = panel.widget.locator(".ts-columns li")
    expect(columns.last).to_contain_text("Status")
    up = panel.widget.get_by_role("button", name="Move Status up")
    go_back(page, up)
    count = columns.count()
    for _ in range(count - 1):
        page.keyboard.press("Enter")
    expect(columns.first).to_contain_text("Status")
    expect(columns.first.locator(":focus")).to_have_count(1)
    press(page, panel.widget.get_by_role("button", name="Remove Status"))
    expect(columns).to_have_count(count - 1)
    expect(panel.widget.locator(".ts-columns :focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(drawer).to_be_focused()
    go_to_first(page, panel, "fold")
    press(page, panel.run("fold").get_by_role("button", name="Open the notebook of fold"))
    revision = page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(revision.locator(".trackside-revision-bar")).to_contain_text("fold", timeout=PATIENCE_MS)
