"""Finding one's way in many runs: scrolling, folding, filtering, sorting, grouping, other experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from trackside.entities import Metric, Param
from trackside.stores.sqlite import SqliteStore

from .lab import PATIENCE_MS

if TYPE_CHECKING:
    from .lab import Lab, Panel

pytestmark = pytest.mark.one_page

SWEEPS, CHILDREN = 12, 20
START = 1_700_000_000_000
NEW_RUN = "with trackside.start_run(run_name='new'): pass"


@pytest.fixture
def panel(lab: Lab) -> Panel:
    """The panel of a notebook whose experiment has 12 sweeps of 20 runs each, the oldest with three seeds alike."""
    store = SqliteStore(lab.folder / "mlflow.db")
    experiment = store.create_experiment("sweeps")
    for sweep in range(SWEEPS):
        parent = store.create_run(experiment, run_name=f"sweep {sweep}", user_id="ada", start_time=START + sweep * 1000)
        tags = {"mlflow.parentRunId": parent.info.run_id}
        for child in range(CHILDREN):
            number = sweep * CHILDREN + child
            start = START + sweep * 1000 + child
            run = store.create_run(experiment, run_name=f"run {number}", user_id="ada", start_time=start, tags=tags)
            params = [Param("rate", str(number // 3)), Param("seed", str(number % 3))]
            store.log_batch(run.info.run_id, params=params, metrics=[Metric("score", number / 10, start)])
    store.create_run(store.create_experiment("other"), run_name="elsewhere", user_id="ada", start_time=START)
    store.close()
    lab.write("list.ipynb", "import trackside\ntrackside.set_experiment('sweeps')", NEW_RUN)
    lab.open("list.ipynb")
    lab.run_through(0)
    shown = lab.open_panel()
    expect(shown.run("sweep 11")).to_be_visible(timeout=PATIENCE_MS)
    return shown


def test_a_long_list_is_scrolled_folded_and_stays_where_it_is(lab: Lab, panel: Panel) -> None:
    """R4.3: what is out of sight is not drawn, and what comes above moves nothing."""
    scroll = panel.widget.locator(".ts-scroll")
    assert panel.runs.count() < 60
    scroll.evaluate("list => { list.scrollTop = list.scrollHeight }")
    expect(panel.run("run 0")).to_be_visible(timeout=PATIENCE_MS)
    assert panel.runs.count() < 60
    scroll.evaluate("list => { list.scrollTop = list.scrollHeight / 2 }")
    expect(panel.run("run 0")).to_have_count(0)
    unfolded = panel.widget.locator(".ts-run:visible").nth(8)
    name = unfolded.locator(".ts-run-name").inner_text()
    panel.widget.get_by_role("button", name=f"{name}, ").first.click()
    expect(panel.widget.get_by_text("Run id")).to_be_visible()

    before = panel.run(name).first.bounding_box()
    lab.run_through(1)
    expect(panel.widget.locator(".ts-total")).to_have_text(f"{SWEEPS * (CHILDREN + 1) + 1} runs", timeout=PATIENCE_MS)
    lab.page.wait_for_function(
        "([top, id]) => Math.abs(document.querySelector(`[data-run='${id}']`).getBoundingClientRect().top - top) < 2",
        arg=[before and before["y"], panel.run(name).first.get_attribute("data-run")],
    )

    panel.widget.get_by_role("button", name="Order, density, columns").click()
    panel.widget.get_by_role("button", name="Fold all", exact=True).click()
    expect(panel.runs.first).to_have_attribute("aria-setsize", str(SWEEPS + 1))
    panel.run("sweep 8").get_by_role("button", name=f"{CHILDREN} child runs").click()
    expect(panel.run("run 179")).to_be_visible()


def test_runs_are_found_sorted_grouped_and_listed_from_elsewhere(page: Page, panel: Panel) -> None:
    """R8.1, R8.2, R4.3, R2.1: by keyboard where one types; all of it is kept for the notebook."""
    box, total = panel.widget.get_by_role("combobox", name="Filter runs"), panel.widget.locator(".ts-total")
    box.click()
    page.keyboard.type("metrics.sc")
    expect(panel.widget.get_by_role("option", name="metrics.score")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type(">> 23")
    expect(panel.widget.locator(".ts-filter-mirror mark")).to_have_text(">>")
    expect(panel.widget.locator(".ts-filter-fault")).to_contain_text("There is no operator >>")
    expect(total).to_contain_text(f"{SWEEPS * (CHILDREN + 1)} runs")
    box.fill("metrics.score > 23.49")
    page.keyboard.press("Enter")
    expect(total).to_have_text("5 runs")
    expect(panel.run("sweep 11")).to_have_attribute("data-found", "false")

    panel.widget.get_by_role("button", name="Order, density, columns").click()
    panel.widget.get_by_label("Density", exact=True).select_option("rows")
    panel.widget.get_by_role("button", name="Sort by score").click()
    expect(panel.runs.nth(1)).to_contain_text("run 239")
    panel.widget.get_by_role("button", name="Sorted by score").click()
    expect(panel.runs.nth(1)).to_contain_text("run 235")
    group_and_look_into_one(panel)
    assert box.input_value() == "(metrics.score > 23.49) AND params.rate = '79'"

    panel.widget.get_by_role("button", name="sweeps").click()
    panel.widget.get_by_role("button", name="other", exact=True).click()
    expect(panel.widget.get_by_text("No run fits the filter.")).to_be_visible()
    panel.widget.get_by_role("button", name="Show all runs").click()
    expect(panel.run("elsewhere")).to_be_visible()


def group_and_look_into_one(panel: Panel) -> None:
    """R8.2: by one field and by two; the runs of a group are chosen together, and listed alone."""
    panel.widget.get_by_role("button", name="All but seed").click()
    groups = panel.widget.locator(".ts-group")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("rate 79")
    expect(groups.first).to_contain_text("23.80 ± 0.10")
    panel.widget.get_by_label("Add a field…", exact=True).select_option(label="rate")
    expect(groups).to_have_count(1, timeout=PATIENCE_MS)
    expect(groups).to_contain_text("All the same")
    panel.widget.get_by_role("button", name="Take back: rate").click()
    expect(groups).to_have_count(2, timeout=PATIENCE_MS)
    groups.first.get_by_role("button", name="Select rate 79").click()
    expect(panel.widget.locator(".ts-selection-count")).to_have_text("3 selected")
    expect(panel.widget.locator(".ts-quick-compare")).to_be_enabled()
    panel.widget.get_by_role("button", name="Clear the selection").click()
    groups.first.get_by_role("button", name="3 runs").click()
    expect(panel.widget.locator(".ts-total")).to_have_text("3 runs")
