"""A run's notebook, opened in the main area."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from .lab import PATIENCE_MS, Lab

pytestmark = pytest.mark.one_page

RUN = "import trackside\nwith trackside.start_run(run_name={name!r}):\n    trackside.log_metric('score', 1)"


def open_revision(lab: Lab, name: str) -> Locator:
    """Click the notebook icon of a run; returns the document that opens."""
    run = lab.panel.run(name)
    run.get_by_role("button", name=re.compile("Open the notebook")).click(timeout=PATIENCE_MS)
    document = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(document).to_be_visible()
    return document


def test_the_revision_opens_read_only_under_a_bar_with_name_and_time(lab: Lab) -> None:
    """R5.1: with the unsaved edit that was executed; nothing in it can be changed."""
    lab.open_with_panel("source.ipynb", RUN.format(name="first"), "saved = 1")
    lab.type_into(1, "unsaved = 2")
    lab.run_through(1)
    lab.run_through(0)
    document = open_revision(lab, "first")
    bar = document.locator(".trackside-revision-bar")
    expect(bar).to_contain_text("first")
    expect(bar.locator("time")).to_have_text(re.compile(r"\d{4}.*\d{1,2}:\d{2}"))
    expect(document.locator(".jp-Notebook-cell")).to_have_count(2)
    expect(document).to_contain_text("unsaved = 2")
    expect(document).not_to_contain_text("saved = 1")
    prompts = document.locator(".jp-InputPrompt")
    expect(prompts).to_have_text(["[2]:", "[1]:"])
    expect(lab.tab("first")).to_be_visible()


def test_the_revision_cannot_be_changed_and_has_no_kernel(lab: Lab) -> None:
    """R5.1: not by keys, menu or dropping; and what is typed over it does not change the notebook behind it."""
    lab.write("locked.ipynb", RUN.format(name="first"), "second = 2", "third = 3")
    lab.open("locked.ipynb")
    lab.open_panel()
    lab.run_through(0)
    document = open_revision(lab, "first")
    document.locator(".cm-content").first.click()
    lab.page.keyboard.type("changed")
    lab.page.keyboard.press("Escape")
    for place in (document.locator(".cm-content").first, document.locator(".jp-InputPrompt").nth(1)):
        place.click()
        for key in ("d", "d", "b", "a", "x", "m", "Shift+Enter", "Enter"):
            lab.page.keyboard.press(key)
    document.locator(".jp-InputPrompt").nth(1).click(button="right")
    expect(lab.page.locator(".lm-Menu")).to_have_count(0)
    expect(document.locator(".jp-Notebook-footer")).to_have_count(0)
    document.locator(".jp-InputPrompt").nth(2).drag_to(document.locator(".jp-InputPrompt").first)
    expect(document.locator(".jp-Notebook-cell .cm-content")).to_contain_text(["first", "second = 2", "third = 3"])
    expect(document).not_to_contain_text("changed")
    expect(lab.tab("first")).not_to_have_class(re.compile("jp-mod-dirty"))
    assert len(lab.server.call("GET", "api/sessions")) == 1
    lab.go_to("locked.ipynb")
    expect(lab.cells.locator(".cm-content")).to_have_text([re.compile("first"), "second = 2", "third = 3"])
    assert lab.prompt(0) == "[1]:"


def test_the_panel_keeps_its_notebook_while_a_revision_is_in_front(lab: Lab) -> None:
    lab.write("keeps.ipynb", RUN.format(name="first"))
    lab.open("keeps.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    open_revision(lab, "first")
    expect(panel.run("first")).to_be_visible()


def test_a_run_opened_twice_is_brought_to_the_front_and_each_run_has_its_own_tab(lab: Lab) -> None:
    lab.write("tabs.ipynb", RUN.format(name="same"), RUN.format(name="same"))
    lab.open("tabs.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    lab.run_through(1)
    expect(panel.runs).to_have_count(2, timeout=PATIENCE_MS)
    buttons = panel.widget.get_by_role("button", name=re.compile("Open the notebook"))
    documents = lab.page.locator(".trackside-revision")
    buttons.nth(0).click()
    expect(documents).to_have_count(1)
    expect(documents.first.locator(".trackside-revision-bar")).to_be_visible()
    lab.go_to("tabs.ipynb")
    buttons.nth(0).click()
    expect(lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")).to_be_visible()
    expect(documents).to_have_count(1)
    buttons.nth(1).click()
    expect(documents).to_have_count(2)


def test_a_revision_that_was_closed_opens_again(lab: Lab) -> None:
    lab.write("closed.ipynb", RUN.format(name="first"))
    lab.open("closed.ipynb")
    lab.open_panel()
    lab.run_through(0)
    open_revision(lab, "first")
    lab.tab("first").locator(".lm-TabBar-tabCloseIcon").click()
    expect(lab.page.locator(".trackside-revision")).to_have_count(0)
    expect(open_revision(lab, "first").locator(".trackside-revision-bar")).to_contain_text("first")


def test_a_hostile_run_name_is_text_in_tab_and_bar(lab: Lab) -> None:
    name = '<img src=x onerror=alert(1)> ../../etc/passwd: "q"'
    lab.write("hostile.ipynb", RUN.format(name=name))
    lab.open("hostile.ipynb")
    lab.open_panel()
    lab.run_through(0)
    document = open_revision(lab, "passwd")
    assert document.locator(".trackside-revision-bar strong").text_content() == name
    expect(lab.tab("<img src=x onerror")).to_be_visible()
    expect(lab.page.locator("#jp-main-dock-panel img[src=x]")).to_have_count(0)


def test_a_run_that_went_on_since_opens_as_it_is_now(lab: Lab) -> None:
    """R5.1: a run's notebook is kept at its start and again at its end."""
    start = "import trackside\nactive = trackside.start_run(run_name='long')"
    lab.write("goes-on.ipynb", start, "early = 1", "trackside.end_run()")
    lab.open("goes-on.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    expect(open_revision(lab, "long")).to_contain_text("early = 1")
    lab.go_to("goes-on.ipynb")
    lab.type_into(1, "late = 2")
    lab.run_through(1)
    lab.run_through(2)
    expect(panel.run("long")).to_have_attribute("data-status", "FINISHED")
    document = open_revision(lab, "long")
    expect(document).to_contain_text("late = 2")
    expect(lab.page.locator(".trackside-revision")).to_have_count(1)
