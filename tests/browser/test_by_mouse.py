"""The rest of what can be done with runs, with the mouse alone: in the table, on many runs, by what it hovers over."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .lab import PATIENCE_MS, Lab, Panel

pytestmark = pytest.mark.one_page

RUNS = """
import trackside
for number in range(3):
    with trackside.start_run(run_name=f"run {number}"):
        trackside.log_params({"depth": number, "seed": 7})
        trackside.log_metric("loss", 1 / (number + 1))
"""


@pytest.fixture
def panel(lab: Lab) -> Panel:
    """Three runs."""
    panel = lab.open_with_panel("mouse.ipynb", RUNS)
    lab.run_through(0)
    expect(panel.runs).to_have_count(3, timeout=PATIENCE_MS)
    return panel


def test_the_table_is_set_up_and_its_icons_are_used_with_the_mouse(lab: Lab, panel: Panel) -> None:
    """R4.3, R5.1, R6.2, R9.2: columns; the tools that the pointer brings; the source's icon; days left in the trash."""
    widget = panel.widget
    widget.get_by_role("button", name="Order, density, columns").click()
    widget.get_by_label("Density", exact=True).select_option("rows")
    columns, heads = widget.locator(".ts-columns li"), widget.locator(".ts-head")
    widget.get_by_label("Add a column…").select_option("duration")
    expect(columns.last).to_contain_text("Duration")
    widget.get_by_role("button", name="Move Duration up").click()
    expect(columns.last).not_to_contain_text("Duration")
    widget.get_by_role("button", name="Remove Duration").click()
    expect(heads.filter(has_text="Duration")).to_have_count(0)
    widget.get_by_role("button", name="Order, density, columns").click()

    row = panel.run("run 1")
    pencil = row.get_by_role("button", name="Rename")
    expect(row.locator(".ts-run-tools")).to_have_css("opacity", "0")
    row.hover()
    expect(row.locator(".ts-run-tools")).to_have_css("opacity", "1")
    pencil.click()
    widget.get_by_label("New name of the run").fill("renamed")
    row = panel.run("run 2")
    row.hover()
    expect(panel.run("run 1")).to_have_count(0)
    row.get_by_role("button", name="Open the notebook of run 2").click()
    revision = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(revision.locator(".trackside-revision-bar")).to_contain_text("run 2", timeout=PATIENCE_MS)

    row.hover()
    row.get_by_role("button", name="Actions on run 2").click()
    widget.get_by_role("menuitem", name="Delete…").click()
    widget.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(panel.runs).to_have_count(2)
    widget.get_by_role("button", name="State, status, time, models").click()
    widget.get_by_role("combobox", name="State").select_option("deleted")
    expect(panel.run("run 2")).to_contain_text("30 days left")


def test_many_runs_get_a_note_and_are_chosen_with_the_mouse(lab: Lab, panel: Panel) -> None:
    """R6.3, R6.4, R8.3: one note for all that are chosen; changed in a tab, with a preview; by age and by model."""
    widget, dialog = panel.widget, panel.widget.get_by_role("dialog")
    for name in ("run 0", "run 1"):
        panel.run(name).hover()
        panel.run(name).get_by_role("checkbox").check()
    widget.get_by_role("toolbar").get_by_role("button", name="Actions on 2 runs").click()
    widget.get_by_role("menuitem", name="Edit the note…").click()
    dialog.get_by_label("Markdown").fill("**Twice**")
    dialog.get_by_role("button", name="Save").click()
    expect(widget.locator(".ts-run-note")).to_have_count(2)
    widget.get_by_role("button", name="Clear the selection").click()

    widget.get_by_role("button", name="State, status, time, models").click()
    widget.get_by_label("Created", exact=True).select_option("1h")
    expect(panel.runs).to_have_count(3)
    widget.get_by_label("Model version", exact=True).select_option("with")
    expect(panel.runs).to_have_count(0)
    widget.get_by_role("button", name="Show all runs").click()
    expect(panel.runs).to_have_count(3)

    panel.run("run 1").locator(".ts-run-name").click(button="right")
    widget.get_by_role("menuitem", name="View in a tab").click()
    tab = lab.page.locator(".trackside-run:not(.lm-mod-hidden)")
    expect(tab.locator(".ts-note strong")).to_have_text("Twice", timeout=PATIENCE_MS)
    tab.locator(".ts-note").hover()
    tab.get_by_role("button", name="Edit the note").click()
    tab.get_by_label("Note, in Markdown").fill("_Once_")
    tab.get_by_role("button", name="Preview").click()
    expect(tab.locator(".ts-note-preview em")).to_have_text("Once")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".ts-note em")).to_have_text("Once")
    tab.get_by_role("button", name="Open the notebook of run 1").click()
    revision = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(revision.locator(".trackside-revision-bar time")).to_have_text(re.compile(r"\d{4}"), timeout=PATIENCE_MS)
