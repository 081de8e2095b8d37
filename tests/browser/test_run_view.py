"""One run with all that is known of it, in a tab beside the notebook."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from .lab import PATIENCE_MS, Lab

RUNS = """
import trackside
for name, rate in (("first", 0.1), ("second", 0.2)):
    with trackside.start_run(run_name=name):
        trackside.log_param("rate", rate)
        for step in range(3):
            trackside.log_metric("loss", 1 / (step + 1) - rate, step=step)
        if name == "second":
            with trackside.start_run(run_name="fold", nested=True):
                trackside.log_metric("loss", 0.3)
"""
DELETE = """
second = trackside.search_runs("", "attributes.run_name = 'second'", output_format="list")[0]
trackside.delete_run(second.info.run_id)
"""


def run_tab(lab: Lab) -> Locator:
    return lab.page.locator(".trackside-run:not(.lm-mod-hidden)")


def test_a_run_opens_in_a_tab_leads_to_its_neighbours_and_says_when_it_is_deleted(lab: Lab) -> None:
    """R4.2: what changed first, the way to neighbours and children; no tab is opened twice."""
    lab.write("view.ipynb", RUNS, DELETE)
    lab.open("view.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run_through(0)
    run = panel.run("second").first
    run.hover(timeout=PATIENCE_MS)
    run.get_by_role("button", name="Open second in a tab").click()
    tab = run_tab(lab)
    expect(tab.locator(".ts-change").first).to_have_text(re.compile(r"loss.*better"), timeout=PATIENCE_MS)
    expect(tab.locator(".ts-section-title").first).to_have_text("What changed")
    expect(tab.locator(".ts-changes")).to_contain_text("rate0.1→0.2")

    tab.get_by_role("button", name="Params").click()
    tab.get_by_role("button", name="Previous run first").click()
    expect(lab.tab("first")).to_be_visible()
    expect(tab.get_by_role("button", name="Params")).to_have_attribute("aria-expanded", "false")
    tab.get_by_role("button", name="Next run second").click()
    tab.get_by_role("button", name="fold", exact=True).click()
    tab.get_by_role("button", name="second", exact=True).click()
    expect(lab.tab("second")).to_have_count(1)

    lab.tab("view.ipynb").click()
    run.hover()
    run.get_by_role("button", name="Open second in a tab").click()
    expect(lab.tab("second")).to_have_count(1)
    lab.tab("view.ipynb").click()
    lab.run_through(1)
    lab.tab("second").click()
    expect(tab.get_by_role("alert")).to_have_text("This run was deleted. It is in the trash and can be restored.")
    expect(tab.locator(".ts-changes")).to_be_visible()

    lab.tab("view.ipynb").click()
    lab.restart_kernel()
    lab.tab("second").click()
    expect(tab).to_contain_text("The kernel that showed this run is gone.")
