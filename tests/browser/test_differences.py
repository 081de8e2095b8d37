"""What is different between runs and the notebook now, and a revision that is put back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from .hands import expect_keys_in_front
from .lab import PATIENCE_MS, Lab

pytestmark = pytest.mark.one_page

RUN = """\
import trackside
with trackside.start_run(run_name={name!r}):
    trackside.log_param('depth', {depth})
    trackside.log_metric('loss', {loss})"""


def open_run(lab: Lab, name: str) -> Locator:
    """The run in a tab of its own."""
    run = lab.panel.run(name)
    run.locator(".ts-run-toggle").click()
    run.get_by_role("button", name=f"Open {name} in a tab").click(timeout=PATIENCE_MS)
    page = lab.page.locator(".trackside-run:not(.lm-mod-hidden)")
    expect(page.locator(".ts-details")).to_be_visible(timeout=PATIENCE_MS)
    return page


def sources(lab: Lab) -> list[str]:
    cells = "[...window.jupyterapp.shell.currentWidget.model.cells]"
    found: list[str] = lab.page.evaluate(f"{cells}.map(cell => cell.sharedModel.getSource())")
    return found


def test_a_run_is_compared_with_the_notebook_now_and_with_the_run_before(lab: Lab) -> None:
    """R5.3: unsaved edits count; unchanged cells are folded; n and p go from change to change."""
    lab.open_with_panel("wine.ipynb", "kept = 1", RUN.format(name="first", depth=3, loss=0.5), "gone = 1")
    lab.run_through(0)
    lab.run_through(1)
    lab.type_into(1, RUN.format(name="second", depth=4, loss=0.25))
    lab.run_through(1)
    lab.type_into(2, "new = '<b>2</b>'")
    run = open_run(lab, "second")
    run.get_by_role("button", name="the previous run").click()
    diff = lab.page.locator(".ts-diff:visible")
    expect(diff.locator(".ts-diff-title")).to_contain_text("first", timeout=PATIENCE_MS)
    expect(diff.locator(".ts-change")).to_contain_text(["loss", "depth"])
    expect(diff.locator(".ts-diff-side del").filter(has_text="3")).to_have_count(1)
    assert diff.locator(".ts-diff-fold").first.inner_text().endswith("unchanged cell")
    expect_keys_in_front(lab, "first → ")
    lab.page.keyboard.press("n")
    expect(diff.locator('[data-change="true"]').first).to_be_focused()
    side = diff.locator('.ts-diff-line[data-kind="changed"] > .ts-diff-side').first
    assert (side.bounding_box() or {})["width"] < 0.6 * (diff.bounding_box() or {})["width"]
    lab.go_to("second")
    lab.page.set_viewport_size({"width": 900, "height": 900})
    run.get_by_role("button", name="the notebook now").click()
    expect(diff.locator(".ts-diff-title")).to_contain_text("wine.ipynb now", timeout=PATIENCE_MS)
    expect(diff).to_contain_text("new = '<b>2</b>'")
    lab.go_to("wine.ipynb")
    lab.type_into(2, "gone = 1")
    lab.go_to("second → ")
    diff.get_by_role("button", name="Refresh").click()
    expect(diff).to_contain_text("There is no difference.", timeout=PATIENCE_MS)
    for label in ("second → ", "first → "):
        lab.tab(label).locator(".lm-TabBar-tabCloseIcon").click()
    lab.go_to("wine.ipynb")
    for name in ("second", "first"):
        lab.panel.run(name).locator(".ts-run-toggle").press("Space")
    lab.panel.run("first").locator(".ts-run-toggle").press("d")
    expect(diff.locator(".ts-diff-title")).to_contain_text("first", timeout=PATIENCE_MS)
    expect(diff.locator(".ts-change")).to_contain_text(["loss", "depth"])


def test_a_revision_is_restored_and_one_undo_takes_it_back(lab: Lab) -> None:
    """R5.4: from the run and from the revision; it asks where changes are not saved; outputs of the same cells stay."""
    panel = lab.open_with_panel("back.ipynb", "print('kept')", RUN.format(name="first", depth=3, loss=0.5), "third = 1")
    lab.run_through(0)
    lab.run_through(1)
    before = sources(lab)
    lab.type_into(1, "edited = 1")
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("b")
    lab.type_into(2, "added = 1")
    lab.page.keyboard.press("Escape")
    edited = sources(lab)
    assert edited == [before[0], "edited = 1", "added = 1", before[2]]
    open_run(lab, "first").get_by_role("button", name=re.compile("Restore the notebook")).click()
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("not saved")
    dialog.get_by_role("button", name="Cancel").click()
    lab.go_to("back.ipynb")
    assert sources(lab) == edited
    panel.run("first").get_by_role("button", name=re.compile("Open the notebook")).click()
    lab.page.locator(".trackside-revision-bar").get_by_role("button", name="Restore").click()
    dialog.get_by_role("button", name="Restore").click()
    lab.expect_in_front("back.ipynb")
    assert sources(lab) == before
    expect(lab.cells.nth(0).locator(".jp-OutputArea-output")).to_have_text("kept")
    lab.command("notebook:undo-cell-action")
    expect(lab.cells).to_have_count(4)
    assert sources(lab) == edited
    expect(lab.cells.nth(0).locator(".jp-OutputArea-output")).to_have_text("kept")
    lab.command("notebook:redo-cell-action")
    expect(lab.cells).to_have_count(3)
    assert sources(lab) == before
