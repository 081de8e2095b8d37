"""Front ends other than JupyterLab with the labextension, and stores with many runs."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .lab import PATIENCE_MS, Lab
from .server import JupyterServer

RUN = "import trackside\nwith trackside.start_run(run_name={name!r}):\n    trackside.log_metric('score', 1)"
COMPARE = "trackside.compare()"
MANY = 10_000


@pytest.fixture
def plain_lab(page: Page, tmp_path: Path) -> Iterator[Lab]:
    """A JupyterLab in which the labextension is switched off."""
    config = tmp_path / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {"trackside": True}}))
    server = JupyterServer(tmp_path)
    yield Lab(page, server, server.root)
    server.stop()


def test_without_the_labextension_the_magic_shows_the_panel_in_the_cell(plain_lab: Lab) -> None:
    """R3.4, R4.1: the same widget, live."""
    lab = plain_lab
    lab.write("cell.ipynb", "%track sidebar", RUN.format(name="in the cell"), RUN.format(name="again"), COMPARE)
    lab.open("cell.ipynb")
    expect(lab.page.locator("#trackside-sidebar")).to_have_count(0)
    widget = lab.run_through(0).locator(".trackside")
    expect(widget).to_contain_text("No runs yet", timeout=PATIENCE_MS)
    lab.run_through(1)
    run = widget.locator(".ts-run", has_text="in the cell")
    expect(run).to_have_attribute("data-status", "FINISHED")
    run.get_by_role("button", name="Open the notebook").click()
    expect(widget.get_by_role("dialog")).to_contain_text("start_run(run_name='in the cell')")
    lab.run_through(2)
    lab.run_through(3)
    compare_in_place(lab)


def test_the_panel_works_in_notebook_7(page: Page, server: JupyterServer, lab: Lab) -> None:
    """R4.1, R5.1: where there is one document to a page, the panel shows a run's notebook itself."""
    cells = (RUN.format(name="of seven"), RUN.format(name="again"), COMPARE)
    path = lab.write("seven.ipynb", *cells).relative_to(server.root).as_posix()
    page.goto(server.url(f"notebooks/{path}"))
    lab.wait_for_kernel()
    lab.command("trackside:open")
    lab.panel.wait_for_widget()
    lab.run_through(0)
    run = lab.panel.run("of seven")
    expect(run).to_have_attribute("data-status", "FINISHED")
    run.get_by_role("button", name="Open the notebook").click()
    sheet = lab.panel.widget.get_by_role("dialog")
    expect(sheet).to_contain_text("start_run(run_name='of seven')")
    page.keyboard.press("Escape")
    lab.type_into(0, "edited = 1")
    run.locator(".ts-run-toggle").click()
    run.get_by_role("button", name="the notebook now").click(timeout=PATIENCE_MS)
    expect(sheet).to_contain_text("edited = 1", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    run.get_by_role("button", name="Open the notebook").click()
    sheet.get_by_role("button", name=re.compile("Restore the notebook")).click()
    page.locator(".jp-Dialog").get_by_role("button", name="Restore").click()
    cell = lab.cells.nth(0).locator(".cm-content")
    expect(cell).to_contain_text("start_run(run_name='of seven')")
    lab.command("notebook:undo-cell-action")
    expect(cell).to_have_text("edited = 1")
    lab.run_through(1)
    lab.run_through(2)
    shown = compare_in_place(lab)
    shown.get_by_role("button", name="again", exact=True).click()
    expect(lab.panel.run("again").locator("[aria-expanded=true]").first).to_be_visible()


def compare_in_place(lab: Lab) -> Locator:
    """Two runs are compared below the last cell; their difference opens over the comparison."""
    shown = lab.cells.last.locator(".trackside .ts-compare")
    shown.get_by_role("tab", name="Table").click(timeout=PATIENCE_MS)
    shown.get_by_role("checkbox", name="Select again").check()
    expect(shown.get_by_role("status").filter(has_text="1 run selected")).to_be_visible()
    shown.get_by_role("button", name="Clear the selection").click()
    shown.get_by_role("button", name="Open what is different between").click()
    sheet = shown.get_by_role("dialog")
    expect(sheet).to_contain_text("again", timeout=PATIENCE_MS)
    sheet.get_by_role("button", name="Back").click()
    expect(sheet).to_have_count(0)
    return shown


def test_a_database_of_ten_thousand_runs_opens_at_once(lab: Lab) -> None:
    """R4.1: the panel shows the newest runs and says how many there are."""
    lab.write("many.ipynb", RUN.format(name="newest"))
    lab.open("many.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    expect(panel.runs).to_have_count(1, timeout=PATIENCE_MS)
    multiply_runs(lab.folder / "mlflow.db", MANY)
    panel.widget.get_by_role("button", name="Refresh").click()
    expect(panel.widget).to_contain_text(f"{MANY:,} runs")
    lab.restart_kernel()
    expect(panel.run("newest")).to_be_visible(timeout=PATIENCE_MS)
    panel.widget.locator(".ts-scroll").evaluate("list => { list.scrollTop = list.scrollHeight }")
    expect(panel.run(f"run {MANY - 1}")).to_be_visible()


def multiply_runs(database: Path, total: int) -> None:
    """Copy the one run of a database, with params and metrics, until there are so many; the copies are older."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        run = dict(zip(columns, connection.execute("SELECT * FROM runs").fetchone(), strict=True))
        rows, params, metrics = [], [], []
        for number in range(1, total):
            run_id = f"{number:032x}"
            copy = {"run_uuid": run_id, "name": f"run {number}", "start_time": run["start_time"] - number * 1000}
            rows.append(tuple({**run, **copy}[column] for column in columns))
            params.append((run_id, "depth", str(number)))
            metrics.append((run_id, "score", number / total, copy["start_time"], 0, False))
        connection.executemany(f"INSERT INTO runs VALUES ({','.join('?' * len(columns))})", rows)
        connection.executemany("INSERT INTO params (run_uuid, key, value) VALUES (?, ?, ?)", params)
        for table in ("metrics", "latest_metrics"):
            connection.executemany(
                f"INSERT INTO {table} (run_uuid, key, value, timestamp, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)",
                metrics,
            )
