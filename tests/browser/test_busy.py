"""The panel and the notebook while a cell runs, beyond what a single click shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .gate import WAIT, Gate
from .lab import PATIENCE_MS, Lab

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
    lab.write("all.ipynb", first, "typed = 0", first.replace("one", "two"))
    lab.open("all.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
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
