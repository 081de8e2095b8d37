"""The panel: how it opens, what it shows, whom it follows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .hands import go_to_panel
from .lab import PATIENCE_MS, Lab

pytestmark = pytest.mark.one_page

RUN = "import trackside\nwith trackside.start_run(run_name={name!r}):\n    trackside.log_metric('score', {score})"


def test_opening_the_panel_loads_it_without_a_cell_and_without_a_prompt_number(lab: Lab) -> None:
    """R4.1: the panel shows the notebook's runs, and the notebook is as it was."""
    lab.write("fresh.ipynb", "1 + 1")
    lab.open("fresh.ipynb")
    lab.save()
    panel = lab.open_panel()
    panel.wait_for_widget()
    expect(panel.widget).to_contain_text("No runs yet")
    expect(lab.cells).to_have_count(1)
    expect(lab.tab("fresh.ipynb")).not_to_have_class(re.compile("jp-mod-dirty"))
    assert lab.prompt(0) == "[ ]:"
    lab.run_through(0)
    assert lab.prompt(0) == "[1]:"


def test_the_panel_leaves_no_name_in_the_users_namespace(lab: Lab) -> None:
    lab.open_with_panel("names.ipynb", "print(sorted(name for name in dir() if 'rackside' in name.lower()))")
    expect(lab.run_through(0).locator(".jp-OutputArea-output")).to_have_text("[]")


def test_the_empty_panel_offers_a_cell_that_works(lab: Lab) -> None:
    """R4.1: a snippet can be inserted; running it makes the first run."""
    lab.write("empty.ipynb", "answer = 42")
    lab.open("empty.ipynb")
    panel = lab.open_panel()
    panel.widget.get_by_role("button", name="Insert as cell").click()
    expect(lab.cells).to_have_count(2)
    expect(lab.cells.nth(1)).to_contain_text("trackside.start_run()")
    lab.run_through(1)
    expect(panel.runs).to_have_count(1)
    expect(panel.runs.first).to_have_attribute("data-status", "FINISHED")


def test_the_cell_to_insert_goes_into_an_empty_cell(lab: Lab) -> None:
    lab.write("blank.ipynb")
    lab.open("blank.ipynb")
    lab.open_panel().widget.get_by_role("button", name="Insert as cell").click()
    expect(lab.cells).to_have_count(1)
    expect(lab.cells.first).to_contain_text("trackside.start_run()")


def test_the_panel_follows_the_active_notebook(lab: Lab) -> None:
    """R4.1: each notebook has its own runs."""
    lab.write("one.ipynb", RUN.format(name="run of one", score=1))
    lab.write("two.ipynb", RUN.format(name="run of two", score=2))
    lab.open("one.ipynb")
    panel = lab.open_panel()
    lab.run_through()
    expect(panel.run("run of one")).to_be_visible()
    lab.open_also("two.ipynb")
    expect(panel.widget).to_contain_text("No runs yet")
    lab.run_through()
    expect(panel.run("run of two")).to_be_visible()
    expect(panel.run("run of one")).to_have_count(0)
    lab.go_to("one.ipynb")
    expect(panel.run("run of one")).to_be_visible()
    expect(panel.run("run of two")).to_have_count(0)


def test_runs_of_a_notebook_are_found_again_after_the_kernel_restarts(lab: Lab) -> None:
    """R2.2: the notebook experiment stays the same."""
    lab.write("again.ipynb", RUN.format(name="before", score=1), RUN.format(name="after", score=2))
    lab.open("again.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    expect(panel.run("before")).to_be_visible()
    lab.restart_kernel()
    expect(panel.run("before")).to_be_visible(timeout=PATIENCE_MS)
    lab.run_through(1)
    expect(panel.run("after")).to_have_attribute("data-status", "FINISHED")
    expect(panel.runs).to_have_count(2)


def test_the_panel_is_open_again_after_the_page_was_reloaded(lab: Lab) -> None:
    lab.write("reload.ipynb", RUN.format(name="kept", score=1))
    lab.open("reload.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    expect(panel.run("kept")).to_be_visible()
    lab.reload()
    expect(panel.run("kept")).to_be_visible(timeout=PATIENCE_MS)
    expect(lab.panel.element).to_be_visible()


def test_without_a_notebook_the_panel_says_so(lab: Lab) -> None:
    lab.open_nothing()
    expect(lab.open_panel().message).to_contain_text("Open a notebook")


def test_closing_the_notebook_empties_the_panel(lab: Lab) -> None:
    panel = lab.open_with_panel("closed.ipynb", "1")
    lab.save()
    lab.tab("closed.ipynb").locator(".lm-TabBar-tabCloseIcon").click()
    expect(panel.message).to_contain_text("Open a notebook")


def test_the_panel_opens_by_its_command(lab: Lab) -> None:
    lab.write("command.ipynb", "1")
    lab.open("command.ipynb")
    go_to_panel(lab.page)
    lab.panel.wait_for_widget()


def test_the_panel_opens_by_its_magic(lab: Lab) -> None:
    """R3.4: %track sidebar."""
    lab.write("magic.ipynb", "%track sidebar")
    lab.open("magic.ipynb")
    lab.run_through(0)
    lab.panel.wait_for_widget()
    expect(lab.cells.first.locator(".trackside")).to_have_count(0)


def test_the_notebooks_id_is_kept_in_its_metadata(lab: Lab) -> None:
    """R2.2: written when the first run starts, not before."""
    lab.open_with_panel("identity.ipynb", "1", RUN.format(name="first", score=1))
    lab.run_through(0)
    lab.save()
    assert "trackside" not in lab.saved("identity.ipynb")["metadata"]
    lab.run_through(1)
    lab.wait_for_id()
    lab.save()
    assert re.fullmatch(r"[0-9a-f-]{32,36}", lab.saved("identity.ipynb")["metadata"]["trackside"]["id"])


def test_a_renamed_notebook_keeps_its_runs_and_shows_its_new_name(lab: Lab) -> None:
    """R2.2: found again after a rename."""
    lab.write("old.ipynb", RUN.format(name="first", score=1), RUN.format(name="second", score=2))
    lab.open("old.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    lab.rename("old.ipynb", "new.ipynb")
    lab.run_through(1)
    expect(panel.runs).to_have_count(2)
    panel.run("second").locator(".ts-run-toggle").click()
    expect(panel.run("second")).to_contain_text("new.ipynb")


def test_the_panel_comes_back_when_all_widgets_are_closed(lab: Lab) -> None:
    lab.write("closes.ipynb", RUN.format(name="kept", score=1), "import ipywidgets\nipywidgets.Widget.close_all()")
    lab.open("closes.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    expect(panel.run("kept")).to_be_visible(timeout=PATIENCE_MS)
    lab.run_through(1)
    expect(panel.run("kept")).to_be_visible(timeout=PATIENCE_MS)
