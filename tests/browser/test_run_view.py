"""One run with all that is known of it, in a tab beside the notebook."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from .lab import PATIENCE_MS, Lab

pytestmark = pytest.mark.one_page

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
    panel = lab.open_with_panel("view.ipynb", RUNS, DELETE)
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

    lab.go_to("view.ipynb")
    run.hover()
    run.get_by_role("button", name="Open second in a tab").click()
    lab.expect_in_front("second")
    expect(lab.tab("second")).to_have_count(1)
    lab.go_to("view.ipynb")
    lab.run_through(1)
    lab.go_to("second")
    expect(tab.get_by_role("alert")).to_have_text("This run was deleted. It is in the trash and can be restored.")
    expect(tab.locator(".ts-changes")).to_be_visible()

    lab.server.stop_kernels()
    expect(tab).to_contain_text("This notebook has no kernel. Its runs are read through one.", timeout=PATIENCE_MS)
    tab.get_by_role("button", name="Select kernel").click()
    lab.page.locator(".jp-Dialog-button.jp-mod-accept").click()
    expect(tab.locator(".ts-run-name")).to_have_text("second", timeout=PATIENCE_MS)


FILES = r"""
import trackside
with trackside.start_run(run_name="files"):
    trackside.log_text("<h1>Report</h1><p id=p>-</p><script>document.getElementById('p').textContent = 'script ran';"
        "try { parent.document.title = 'reached' } catch { document.body.append(' blocked') };"
        "try { localStorage.setItem('x', 'y') } catch { document.body.append(' alone') };"
        "fetch('https://evil.example/').catch(() => document.body.append(' offline'))</script>", "report.html")
    trackside.log_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
        "<script>parent.document.title = 'reached'</script><rect width='9' height='9'/></svg>", "plot.svg")
    trackside.log_text("x,name\n1,<b>Bo</b>\n", "points.csv")
    trackside.log_text("y" * 5_000_000, "large.bin")
    trackside.log_text('{"a": [1]}', "conf.json")
    trackside.set_note("**Note** <img src=x onerror='document.title = 1'>")
"""


def test_files_are_shown_so_that_nothing_in_them_reaches_the_page(lab: Lab) -> None:
    """R4.2: HTML in a frame of no origin, SVG as an image, tables, the run's notebook; download in chunks."""
    panel = lab.open_with_panel("files.ipynb", FILES)
    lab.run_through(0)
    run = panel.run("files").first
    run.hover(timeout=PATIENCE_MS)
    run.get_by_role("button", name="Open files in a tab").click()
    tab = run_tab(lab)
    expect(tab.locator(".ts-markdown strong")).to_have_text("Note", timeout=PATIENCE_MS)
    expect(tab.locator(".ts-markdown img")).to_have_count(0)

    tab.get_by_role("button", name="report.html", exact=True).click()
    page = tab.frame_locator(".ts-page")
    expect(page.locator("#p")).to_have_text("script ran", timeout=PATIENCE_MS)
    for told in ("blocked", "alone", "offline"):
        expect(page.locator("body")).to_contain_text(told)
    tab.get_by_role("button", name="plot.svg", exact=True).click()
    expect(tab.locator("img.ts-image")).to_be_visible()
    assert tab.locator("img.ts-image").evaluate("image => image.decode().then(() => image.naturalWidth)") == 9
    tab.get_by_role("button", name="points.csv", exact=True).click()
    expect(tab.locator(".ts-file-table td")).to_have_text(["1", "<b>Bo</b>"])
    tab.get_by_role("button", name="conf.json", exact=True).click()
    expect(tab.locator(".ts-files .ts-code")).to_contain_text('"a": [')
    assert "reached" not in lab.page.title()

    with lab.page.expect_download(timeout=PATIENCE_MS) as started:
        tab.get_by_role("button", name="Download large.bin").click()
    assert started.value.path().read_bytes() == b"y" * 5_000_000
    expect(tab.locator("progress")).to_have_count(0)

    tab.get_by_role("button", name="notebook", exact=True).click()
    tab.get_by_role("button", name="files.ipynb", exact=True).click()
    expect(lab.page.locator(".trackside-revision:not(.lm-mod-hidden) .jp-Cell")).to_have_count(1, timeout=PATIENCE_MS)
