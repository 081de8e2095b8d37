"""Runs side by side: below the cell, in a tab, and in the saved notebook when no kernel is there any more."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Locator, expect

from .lab import PATIENCE_MS, Lab

RUNS = """
import trackside
for depth, name in ((2, "shallow"), (4, "middle"), (8, "deep <b>x</b>")):
    with trackside.start_run(run_name=name):
        trackside.log_params({"depth": depth, "solver": "sgd" if depth < 5 else "adam", "same": 1})
        for step in range(5):
            trackside.log_metric("loss", 1 / (step + depth), step=step)
        trackside.log_metric("accuracy", 0.7 + depth / 40)
"""
COMPARE = "comparison = trackside.compare()\ncomparison"
SELECTED = "print('selected', list(comparison.selected['tags.mlflow.runName']))"
MAGIC = "%track compare shallow middle"


def comparison(lab: Lab) -> Locator:
    """The comparison below a cell of the notebook in front."""
    return lab.notebook.locator(".trackside-comparison .ts-compare")


def open_tab(shown: Locator, name: str) -> None:
    shown.get_by_role("tab", name=name).click()


def test_a_comparison_is_made_in_python_its_selection_is_known_there_and_it_stays_without_a_kernel(lab: Lab) -> None:
    """R10.1, R10.3, R10.4: tables, one selection, and the saved notebook."""
    lab.write("compare.ipynb", RUNS, COMPARE, SELECTED, MAGIC)
    lab.open("compare.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run_through(0)
    lab.run_through(1)
    shown = comparison(lab)
    open_tab(shown, "Table")
    expect(shown.locator("thead th")).to_have_count(3, timeout=PATIENCE_MS)
    expect(shown.locator("thead")).to_contain_text("deep <b>x</b>")
    expect(shown.locator("b")).to_have_count(0)
    expect(shown.get_by_role("row", name=re.compile("^same"))).to_have_count(1)
    shown.get_by_label("Differences only").check()
    expect(shown.get_by_role("row", name=re.compile("^same"))).to_have_count(0)
    shown.get_by_role("button", name="Measure others by shallow").click()
    better = shown.get_by_role("row", name=re.compile("^loss")).locator("[data-verdict=better]").first
    expect(better).to_contain_text("better")

    shown.get_by_role("checkbox", name="Select middle").check()
    expect(shown.get_by_role("status").filter(has_text="1 run selected")).to_be_visible()
    expect(panel.run("middle")).to_have_attribute("data-marked", "true")
    lab.run_through(2)
    expect(lab.cells.nth(2)).to_contain_text("selected ['middle']")

    lab.run_through(3)
    expect(lab.cells.nth(3).locator(".trackside-comparison .ts-compare")).to_contain_text("2 runs")
    lab.save()
    output = lab.saved("compare.ipynb")["cells"][1]["outputs"][0]["data"]
    assert set(output) >= {"application/vnd.trackside.compare.v1+json", "image/svg+xml", "text/plain"}
    assert len(json.dumps(output)) < 30_000
    lab.server.stop_kernels()
    lab.open("compare.ipynb", wait_for_kernel=False)
    shown = comparison(lab).first
    open_tab(shown, "Table")
    expect(shown.locator("thead th")).to_have_count(3, timeout=PATIENCE_MS)


def comparison_tab(lab: Lab, name: str) -> Locator:
    """What the tab in front shows."""
    expect(lab.tab(name)).to_have_class(re.compile("lm-mod-current"), timeout=PATIENCE_MS)
    return lab.page.locator(".trackside-page:visible .ts-compare")


def test_chosen_runs_are_compared_from_the_panel_with_mouse_and_keyboard(lab: Lab) -> None:
    """R10.1: below the cell from the bar and with k, in a tab from the menu and with Shift+K."""
    lab.write("chosen.ipynb", RUNS)
    lab.open("chosen.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run_through(0)
    keyboard = lab.page.keyboard
    panel.run("middle").hover()
    panel.run("middle").get_by_role("checkbox").check()
    bar = panel.widget.get_by_role("toolbar", name="Selected runs")
    inline = bar.get_by_role("button", name="Compare below the cell")
    expect(inline).to_have_attribute("aria-disabled", "true")
    panel.run("shallow").locator(".ts-run-name").click(modifiers=["Control"])
    inline.click()
    expect(comparison(lab)).to_contain_text("2 runs", timeout=PATIENCE_MS)
    expect(lab.cells).to_have_count(2)

    panel.run("shallow").locator(".ts-run-name").click(button="right")
    panel.widget.get_by_role("menuitem", name="Compare in a tab").click()
    expect(comparison_tab(lab, "Compare 2 runs")).to_contain_text("2 runs", timeout=PATIENCE_MS)

    panel.runs.first.locator(".ts-run-toggle").focus()
    keyboard.press("Control+a")
    expect(bar).to_contain_text("3 selected")
    keyboard.press("Shift+K")
    expect(comparison_tab(lab, "Compare 3 runs")).to_contain_text("3 runs", timeout=PATIENCE_MS)
    lab.tab("chosen.ipynb").click()
    panel.runs.first.locator(".ts-run-toggle").focus()
    keyboard.press("k")
    expect(lab.cells).to_have_count(3)
    expect(lab.cells.nth(2).locator(".ts-compare")).to_contain_text("3 runs", timeout=PATIENCE_MS)
