"""The panel and the notebook while a cell runs, beyond what a single click shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .gate import WAIT, Gate
from .lab import PATIENCE_MS, Lab, Panel

pytestmark = pytest.mark.one_page

RUN = f"""{WAIT}
import trackside
with trackside.start_run(run_name="long"):
    trackside.log_metric("loss", 0.5)
    {Gate.wait("second")}
    trackside.log_metric("loss", 0.25, step=1)
    {Gate.wait("end")}
"""


@pytest.fixture
def gate(lab: Lab) -> Gate:
    return Gate(lab.folder)


def test_after_a_reload_the_runs_of_a_cell_that_still_runs_are_shown_and_move(lab: Lab, gate: Gate) -> None:
    """R4.1: also for a page that was loaded while the kernel was busy."""
    lab.write("reload.ipynb", RUN, "1 + 1")
    lab.open("reload.ipynb")
    panel = lab.open_panel()
    lab.run(0)
    expect(panel.run("long")).to_contain_text("loss0.5", timeout=PATIENCE_MS)
    lab.reload(wait_for_kernel=False)
    expect(panel.run("long")).to_contain_text("loss0.5", timeout=PATIENCE_MS)
    gate.open("second")
    expect(panel.run("long")).to_contain_text("loss0.25")
    expect(panel.run("long")).to_have_attribute("data-status", "RUNNING")
    gate.open("end")
    expect(panel.run("long")).to_have_attribute("data-status", "FINISHED")
    lab.run_through(1)
    panel.run("long").locator(".ts-run-toggle").click()
    expect(panel.run("long").locator(".ts-details")).to_contain_text("loss")


def test_the_panel_opened_while_a_cell_runs_shows_its_run(lab: Lab, gate: Gate) -> None:
    lab.write("late.ipynb", RUN)
    lab.open("late.ipynb")
    lab.run(0)
    panel = lab.open_panel()
    expect(panel.run("long")).to_contain_text("loss0.5", timeout=PATIENCE_MS)
    gate.open("second")
    gate.open("end")
    expect(panel.run("long")).to_have_attribute("data-status", "FINISHED")


def test_a_click_does_not_harm_the_figure_that_a_cell_is_drawing(lab: Lab, gate: Gate) -> None:
    """The line drawn before the click is in the figure that is shown after it."""
    lab.write(
        "figure.ipynb",
        f"{WAIT}\nimport matplotlib.pyplot as plt, trackside\n"
        "with trackside.start_run(run_name='drawn'):\n"
        "    plt.plot([1, 2, 3])\n"
        f"    {Gate.wait()}\n"
        "    print('lines:', len(plt.gca().lines))",
    )
    lab.open("figure.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    cell = lab.run(0)
    run = panel.run("drawn")
    run.locator(".ts-run-toggle").click(timeout=PATIENCE_MS)
    expect(run.locator(".ts-details")).to_contain_text("Params")
    gate.open()
    expect(cell).to_contain_text("lines: 1")
    expect(cell.locator(".jp-OutputArea img")).to_have_count(1)


def test_every_run_of_restart_and_run_all_has_the_notebook_as_it_was_typed(lab: Lab) -> None:
    """R1.11: from the first cell after a restart on, unsaved edits included."""
    first = "import trackside\nwith trackside.start_run(run_name='one'):\n    pass"
    panel = lab.open_with_panel("all.ipynb", first, "typed = 0", first.replace("one", "two"))
    lab.type_into(1, "typed = 'unsaved'")
    lab.menu("Kernel", "Restart Kernel and Run All Cells…")
    lab.page.locator(".jp-Dialog-button.jp-mod-warn").click()
    for name in ("one", "two"):
        run = panel.run(name)
        expect(run).to_have_attribute("data-status", "FINISHED", timeout=PATIENCE_MS)
        run.get_by_role("button", name="Open the notebook").click()
        document = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
        expect(document.locator(".trackside-revision-bar")).to_contain_text(name)
        expect(document).to_contain_text("typed = 'unsaved'")
        expect(document.locator(".jp-Notebook-cell")).to_have_count(3)


BEFORE = """
import trackside
for n in range(3):
    with trackside.start_run(run_name=f"before {n}"):
        trackside.log_param("n", n)
        trackside.log_metric("loss", 1 / (n + 1))
        trackside.log_text("what was logged", "log.txt")
"""
COMPUTES = """
import pathlib, numpy
from sklearn.linear_model import LogisticRegression
table = numpy.random.rand(300, 30)
with trackside.start_run(run_name="long"):
    while not pathlib.Path("end").exists():
        sum(number * number for number in range(400_000))
        numpy.linalg.svd(numpy.random.rand(200, 200))
        LogisticRegression(max_iter=50).fit(table, table[:, 0] > 0.5)
"""


@pytest.fixture
def computing(lab: Lab) -> Panel:
    """The panel with three runs, and one of a cell that computes without a pause."""
    panel = lab.open_with_panel("computes.ipynb", BEFORE, COMPUTES)
    lab.run_through(0)
    lab.run(1)
    expect(panel.run("long")).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    return panel


def test_every_action_answers_while_a_cell_computes(lab: Lab, computing: Panel, gate: Gate) -> None:
    """R4.1, R6.1: a Python loop, NumPy and scikit-learn in turns."""
    for act in (change_runs, look_into_a_run, look_through_runs, use_the_trash, compare_runs):
        act(lab, computing)
        lab.go_to("computes.ipynb")
        assert lab.prompt(1) == "[*]:"
    gate.open("end")
    expect(computing.run("long")).to_have_attribute("data-status", "FINISHED", timeout=PATIENCE_MS)


def told(panel: Panel, text: str) -> None:
    expect(panel.widget.locator(".ts-notice-text")).to_contain_text(text, timeout=PATIENCE_MS)


def change_runs(lab: Lab, panel: Panel) -> None:
    keyboard = lab.page.keyboard
    panel.run("before 1").locator(".ts-run-toggle").press("F2")
    expect(panel.widget.get_by_label("New name of the run")).to_be_focused()
    keyboard.type("renamed")
    keyboard.press("Enter")
    toggle = panel.run("renamed").locator(".ts-run-toggle")
    expect(toggle).to_be_focused(timeout=PATIENCE_MS)
    keyboard.press("s")
    told(panel, "1 run starred.")
    for key, field, answer in (("t", "Name", "Tag “said” set on 1 run."), ("n", "Markdown", "Note of 1 run saved.")):
        toggle.press(key)
        expect(panel.widget.get_by_role("dialog").get_by_label(field)).to_be_focused(timeout=PATIENCE_MS)
        keyboard.type("said")
        keyboard.press("Control+Enter" if key == "n" else "Enter")
        told(panel, answer)
    toggle.press("e")
    told(panel, "1 run saved as computes-runs.csv")


def look_into_a_run(lab: Lab, panel: Panel) -> None:
    run = panel.run("renamed")
    run.locator(".ts-run-toggle").click()
    details = run.locator(".ts-details")
    expect(details.locator(".ts-markdown")).to_have_text("said", timeout=PATIENCE_MS)
    expect(details.locator(".ts-changes")).to_contain_text("loss", timeout=PATIENCE_MS)
    details.get_by_role("button", name="log.txt", exact=True).click(timeout=PATIENCE_MS)
    expect(details).to_contain_text("what was logged", timeout=PATIENCE_MS)
    with lab.page.expect_download(timeout=PATIENCE_MS):
        details.get_by_role("button", name="Download log.txt").click()
    run.locator(".ts-run-toggle").click()
    run.hover()
    run.get_by_role("button", name="Open renamed in a tab").click()
    expect(lab.page.locator(".trackside-run .ts-markdown")).to_have_text("said", timeout=PATIENCE_MS)


def look_through_runs(lab: Lab, panel: Panel) -> None:
    box, total = panel.widget.get_by_role("combobox", name="Filter runs"), panel.widget.locator(".ts-total")
    box.fill("params.n = '2'")
    lab.page.keyboard.press("Enter")
    expect(total).to_have_text("1 run", timeout=PATIENCE_MS)
    panel.widget.get_by_role("button", name="Clear the filter").click()
    expect(total).to_have_text("4 runs", timeout=PATIENCE_MS)
    panel.widget.get_by_role("button", name="Order, density, columns").click()
    grouping = panel.widget.get_by_label("Group by", exact=True)
    grouping.select_option(label="n", timeout=PATIENCE_MS)
    expect(panel.widget.locator(".ts-group")).to_have_count(4, timeout=PATIENCE_MS)
    grouping.select_option(label="No groups")
    panel.widget.get_by_role("button", name="Order, density, columns").click()
    panel.widget.get_by_role("button", name="computes.ipynb").click()
    expect(panel.widget.locator(".ts-experiments li")).not_to_have_count(0, timeout=PATIENCE_MS)
    panel.widget.get_by_role("button", name="computes.ipynb").first.click()


def use_the_trash(lab: Lab, panel: Panel) -> None:
    keyboard = lab.page.keyboard
    panel.run("before 0").locator(".ts-run-toggle").press("Delete")
    expect(panel.widget.get_by_role("button", name="Delete", exact=True)).to_be_focused(timeout=PATIENCE_MS)
    keyboard.press("Enter")
    told(panel, "1 run deleted.")
    expect(panel.run("before 0")).to_have_count(0, timeout=PATIENCE_MS)
    panel.widget.get_by_role("button", name="Undo").click()
    expect(panel.run("before 0")).to_be_visible(timeout=PATIENCE_MS)


def compare_runs(lab: Lab, panel: Panel) -> None:
    for name in ("before 0", "before 2"):
        panel.run(name).locator(".ts-run-toggle").press("Space")
    lab.page.keyboard.press("Shift+K")
    expect(lab.page.locator(".ts-compare").first).to_contain_text("2 runs", timeout=PATIENCE_MS)
