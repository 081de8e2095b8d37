"""Runs side by side: below the cell, in a tab, and in the saved notebook when no kernel is there any more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .lab import PATIENCE_MS, Lab, Panel

RUNS = """
import trackside
for depth, name in ((2, "shallow"), (4, "middle"), (8, "deep <b>x</b>")):
    with trackside.start_run(run_name=name):
        trackside.log_params({"depth": depth, "solver": "sgd" if depth < 5 else "adam", "same": 1})
        for step in range(5):
            trackside.log_metric("loss", 1 / (step + depth), step=step)
        trackside.log_metric("accuracy", 0.7 + depth / 40)
"""
COMPARE = """
comparison = trackside.compare()
seen = []

@comparison.on_select
def remember(frame):
    seen.append(sorted(frame["tags.mlflow.runName"]))
    print("told of", len(frame))
    if len(seen) > 1:
        raise ValueError("seen enough")

comparison
"""
SELECTED = "print('selected', list(comparison.selected['tags.mlflow.runName']), 'seen', seen)"
MAGIC = "%track compare shallow middle"
MIME = "application/vnd.trackside.compare.v1+json"


def comparison(lab: Lab) -> Locator:
    """The comparison below a cell of the notebook in front."""
    return lab.notebook.locator(".trackside-comparison .ts-compare")


def open_tab(shown: Locator, name: str) -> None:
    shown.get_by_role("tab", name=name).click()


def brush(shown: Locator, axis: str, start: float, end: float) -> None:
    """Drag along an axis of parallel coordinates, from one part of its height to another, 0 being the top."""
    title = shown.locator(f".ts-chart-axis[title^={axis}]")
    chart = shown.locator(".ts-chart-drawing")
    title.scroll_into_view_if_needed()
    chart.hover(trial=True)  # when it stands still
    box, drawing = title.bounding_box(), chart.bounding_box()
    assert box is not None
    assert drawing is not None
    x, top = box["x"] + box["width"] / 2, box["y"] + box["height"] + 14
    height = drawing["y"] + drawing["height"] - top - 70
    mouse = shown.page.mouse
    mouse.move(x, top + start * height)
    mouse.down()
    mouse.move(x, top + (start + end) / 2 * height)
    mouse.move(x, top + end * height)
    mouse.up()


def is_dirty(lab: Lab) -> bool:
    """Whether JupyterLab would ask to save the notebook in front."""
    return bool(lab.page.evaluate("window.jupyterapp.shell.currentWidget.context.model.dirty"))


def selected(shown: Locator, count: str) -> Locator:
    return shown.get_by_role("status").filter(has_text=count)


def test_what_is_brushed_is_marked_everywhere_and_comes_back_to_python(lab: Lab) -> None:
    """R10.1, R10.2, R10.3: charts, tables, differences, one selection."""
    panel = lab.open_with_panel("compare.ipynb", RUNS, COMPARE, SELECTED)
    lab.run_through(0)
    lab.run_through(1)
    shown = comparison(lab)
    brush(shown, "accuracy", -0.02, 0.3)
    expect(selected(shown, "1 run selected")).to_be_visible()
    expect(shown).to_have_css("max-height", "none")  # nothing below the chart is cut off
    expect(panel.run("deep")).to_have_attribute("data-marked", "true")
    expect(lab.cells.nth(1)).to_contain_text("told of 1", timeout=PATIENCE_MS)
    lab.run_through(2)
    expect(lab.cells.nth(2)).to_contain_text("selected ['deep <b>x</b>'] seen [['deep <b>x</b>']]")
    clear_the_selection_in_the_table(panel, shown)
    look_for_differences_in_the_table(lab, shown)
    lab.go_to("compare.ipynb")
    lab.run_through(2)
    expect(lab.cells.nth(2)).to_contain_text("selected [] seen [['deep <b>x</b>'], []]")
    expect(shown.get_by_role("alert")).to_have_count(0)


def clear_the_selection_in_the_table(panel: Panel, shown: Locator) -> None:
    """The table has the chosen runs alone; what the notebook's own function raises is said."""
    open_tab(shown, "Table")
    expect(shown.locator("thead th")).to_have_count(1)
    expect(shown.locator("thead")).to_contain_text("deep <b>x</b>")
    expect(shown.locator("b")).to_have_count(0)
    shown.get_by_role("button", name="Clear the selection").click()
    expect(shown.locator("thead th")).to_have_count(3)
    failed = shown.get_by_role("alert")
    expect(failed).to_contain_text("remember: ValueError: seen enough", timeout=PATIENCE_MS)
    failed.get_by_role("button").click()
    expect(panel.run("deep")).not_to_have_attribute("data-marked", "true")


def look_for_differences_in_the_table(lab: Lab, shown: Locator) -> None:
    """R10.2: rows that differ, a run to measure the others by, a value to copy, and what two notebooks differ in."""
    expect(shown.get_by_role("row", name=re.compile("^same"))).to_have_count(1)
    shown.get_by_label("Differences only").check()
    expect(shown.get_by_role("row", name=re.compile("^same"))).to_have_count(0)
    shown.get_by_role("button", name="Measure others by shallow").click()
    better = shown.get_by_role("row", name=re.compile("^loss")).locator("[data-verdict=better]").first
    expect(better).to_contain_text("better")
    shown.get_by_role("button", name="Copy loss of shallow").click()
    lab.wait_for_clipboard(str(1 / 6))
    shown.get_by_label("Differences only").uncheck()
    shown.get_by_role("searchbox", name="Search keys").fill("notebook")
    shown.get_by_role("button", name="Open what is different between shallow and middle").click()
    lab.expect_in_front("shallow")
    expect(lab.page.locator(".ts-diff:visible")).to_contain_text("depth", timeout=PATIENCE_MS)


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[Page]:
    """A page on which no script runs."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_saved_comparison_opens_as_it_was_left_without_a_kernel(lab: Lab, scriptless: Page) -> None:
    """R10.4: with what was chosen in it; looking at it changes nothing; as a picture where nothing runs."""
    path = lab.write("kept.ipynb", RUNS, COMPARE, MAGIC)
    lab.open("kept.ipynb")
    lab.run_through(0)
    lab.run_through(1)
    lab.run_through(2)
    expect(comparison(lab).nth(1)).to_contain_text("2 runs")
    choose_and_save(lab)
    lab.server.stop_kernels()
    lab.open("kept.ipynb", wait_for_kernel=False)
    look_at_what_was_chosen(lab)

    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", path.name]
    subprocess.run(command, cwd=path.parent, check=True, timeout=240)
    scriptless.goto(path.with_suffix(".html").as_uri())
    picture = scriptless.locator("img[src^='data:image/svg+xml']").first
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] > 400


def choose_and_save(lab: Lab) -> None:
    """Choose runs, a tab and an axis; what is saved of it is small."""
    shown = comparison(lab).first
    brush(shown, "accuracy", 0.5, 1.2)
    shown.get_by_role("button", name="Keep").click()
    open_tab(shown, "Scatter")
    shown.get_by_label("X axis").first.select_option(label="loss")
    shown.get_by_role("button", name="X axis: log scale").click()
    lab.save()
    output = lab.saved("kept.ipynb")["cells"][1]["outputs"][0]
    assert set(output["data"]) >= {MIME, "image/svg+xml", "text/plain"}
    assert len(json.dumps(output)) < 30_000
    kept = output["metadata"][MIME]["choices"]
    assert kept["tab"] == "scatter"
    assert kept["options"]["scatter"] == {"x": "metrics.loss", "y": None, "colour": None, "xScale": "log"}
    assert kept["hidden"].count("1") == 1


def look_at_what_was_chosen(lab: Lab) -> None:
    """Everything is as it was left; only a choice changes the notebook."""
    shown = comparison(lab).first
    expect(shown.get_by_role("tab", selected=True)).to_have_text("Scatter", timeout=PATIENCE_MS)
    expect(shown.get_by_label("X axis").first).to_have_value("metrics.loss")
    expect(shown.get_by_role("button", name="X axis: log scale")).to_have_attribute("aria-pressed", "true")
    open_tab(comparison(lab).nth(1), "Parallel coordinates")
    expect(shown.locator(".ts-chart-drawing")).to_be_visible()
    assert not is_dirty(lab)
    open_tab(shown, "Parallel coordinates")
    expect(shown.locator(".ts-chart-count")).to_contain_text("2 of 3")
    brush(shown, "accuracy", -0.02, 0.3)
    expect(selected(shown, "1 run selected")).to_be_visible()
    open_tab(shown, "Table")
    expect(shown.locator("thead")).to_contain_text("middle")
    lab.page.wait_for_function("window.jupyterapp.shell.currentWidget.context.model.dirty")


def save_as(shown: Locator, entry: str, folder: Path) -> bytes:
    """What an entry of the menu Save hands to the browser."""
    shown.get_by_role("button", name="Save", exact=True).click()
    with shown.page.expect_download() as download:
        shown.get_by_role("button", name=entry).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_bytes()


def test_every_chart_is_saved_as_svg_and_png_and_the_data_as_csv(lab: Lab, tmp_path: Path) -> None:
    """R10.2: pictures that other programs can open, and all that was logged."""
    lab.write("saved.ipynb", RUNS, "trackside.compare()")
    lab.open("saved.ipynb")
    lab.run_through(0)
    lab.run_through(1)
    shown = comparison(lab)
    sizes: dict[str, Any] = {}
    for name in ("Parallel coordinates", "Curves", "Scatter", "Contour", "Bars", "Importance"):
        open_tab(shown, name)
        expect(shown.locator(".ts-chart-drawing")).to_be_visible()
        picture = ET.fromstring(save_as(shown, "Chart as SVG", tmp_path))
        sizes[name] = len(list(picture.iter()))
        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [node for node in picture.iter() if node.tag.endswith(("script", "}b"))]
        assert save_as(shown, "Chart as PNG", tmp_path).startswith(b"\x89PNG")
    assert min(sizes.values()) > 5, sizes
    header, *lines = save_as(shown, "Data as CSV", tmp_path).decode().splitlines()
    assert header.startswith("run_id,attributes.name")
    assert len(lines) == 3
    assert str(1 / 6) in "".join(lines)


def comparison_tab(lab: Lab, name: str) -> Locator:
    """What the tab in front shows."""
    lab.expect_in_front(name)
    return lab.page.locator(".trackside-page:visible .ts-compare")


def test_chosen_runs_are_compared_from_the_panel_with_mouse_and_keyboard(lab: Lab) -> None:
    """R10.1: below the cell from the bar and with k, in a tab from the menu and with Shift+K."""
    panel = lab.open_with_panel("chosen.ipynb", RUNS)
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

    panel.runs.first.locator(".ts-run-toggle").press("Control+a")
    expect(bar).to_contain_text("3 selected")
    keyboard.press("Shift+K")
    expect(comparison_tab(lab, "Compare 3 runs")).to_contain_text("3 runs", timeout=PATIENCE_MS)
    lab.go_to("chosen.ipynb")
    panel.runs.first.locator(".ts-run-toggle").press("k")
    expect(lab.cells).to_have_count(3)
    expect(lab.cells.nth(2).locator(".ts-compare")).to_contain_text("3 runs", timeout=PATIENCE_MS)
