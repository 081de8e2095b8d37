# ruff: noqa: T201 - it prints a table
"""How soon the sidebar shows the runs of small and large experiments, in a real JupyterLab in a real browser.

    python tests/bench/sidebar.py --runs 100 10000 100000 --repeat 5

For each number of runs, with 20 params, 20 metrics and 10 tags each: from the click on the tab until the first rows
are drawn, in a kernel that was used before (the first click of a kernel imports the widget and is told apart); what
came over the websockets until then; from Enter in the filter until its rows are drawn; and the frames of scrolling from
the first run to the last. Times are medians in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.search import fill
from tests.browser.conftest import CHROMIUM, FLAGS, SIZE
from tests.browser.lab import PANEL_TAB, PATIENCE_MS, Lab, Panel
from tests.browser.server import JupyterServer

from trackside.stores.creation import make_database

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

FILTER = "metrics.m0 > 0.9 AND params.p1 = '3'"
CELL = """
import trackside
trackside.set_tracking_uri("sqlite:///{database}")
trackside.set_experiment(experiment_id="0")
"""

NOTE_ROWS = """
window.drawnAt = 0;
addEventListener("pointerdown", () => { window.clickedAt = performance.now(); }, { capture: true, once: true });
const look = () => requestAnimationFrame(() => {
  const name = document.querySelector("#trackside-sidebar .ts-run-name");
  if (window.drawnAt === 0 && name !== null && name.offsetParent !== null)
    window.drawnAt = performance.now();
});
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
"""
FILTERED = """
async (before) => {
  const start = performance.now();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  while (document.querySelector("#trackside-sidebar .ts-total").textContent === before)
    await new Promise(requestAnimationFrame);
  return performance.now() - start;
}
"""
SCROLLED = """
async (steps) => {
  const list = document.querySelector("#trackside-sidebar .ts-scroll");
  const frames = [];
  let last = performance.now();
  for (let step = 1; step <= steps; step += 1) {
    list.scrollTop = (list.scrollHeight - list.clientHeight) * step / steps;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return frames;
}
"""


@dataclass
class Figures:
    """What was measured for one number of runs, in milliseconds and bytes."""

    first_click: float = 0.0
    clicks: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    filters: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)

    def row(self, runs: int) -> str:
        """A line of the table."""
        frames = sorted(self.frames)
        times = f"{statistics.median(self.clicks):.0f} | {self.first_click:.0f} | {statistics.median(self.filters):.0f}"
        scrolled = f"{statistics.median(frames):.0f} / {frames[int(len(frames) * 0.99)]:.0f} / {frames[-1]:.0f}"
        return f"| {runs:,} | {times} | {scrolled} | {statistics.median(self.bytes) / 1000:.0f} |"


def main(counts: list[int], repeat: int) -> None:
    """Print the table, a line as soon as it is known."""
    print("| runs | click → rows | first of the kernel | filter → rows | frame: median / 99th / worst | kB |")
    print("|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
            server = JupyterServer(Path(name))
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            try:
                print(measure(server, browser, count, repeat).row(count), flush=True)
            finally:
                browser.close()
                server.stop()


def measure(server: JupyterServer, browser: Browser, count: int, repeat: int) -> Figures:
    """Open the page again and again over one kernel."""
    database = server.root / "many.db"
    make_database(database)
    fill(database, count)
    page = browser.new_context(viewport=SIZE).new_page()
    received = count_bytes(page)
    lab = Lab(page, server, server.root)
    lab.write("bench.ipynb", CELL.format(database=database))
    lab.open("bench.ipynb")
    lab.run_through(0)
    figures = Figures(first_click=click(lab))
    for _ in range(repeat):
        lab.open("bench.ipynb")
        received.clear()
        figures.clicks.append(click(lab))
        figures.bytes.append(sum(received))
        figures.filters.append(filter_runs(page, lab.panel))
        figures.frames += page.evaluate(SCROLLED, 200)
    return figures


def count_bytes(page: Page) -> list[int]:
    """The sizes of what comes over the page's websockets from now on."""
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda content: sizes.append(len(content)))

    page.on("websocket", listen)
    return sizes


def click(lab: Lab) -> float:
    """From the click on the tab until the first row is drawn."""
    if lab.panel.element.is_visible():  # JupyterLab opens what was open before
        lab.page.locator(f'.jp-SideBar.jp-mod-right [title="{PANEL_TAB}"]').click()
        expect(lab.panel.element).not_to_be_visible()
    lab.page.evaluate(NOTE_ROWS)
    lab.open_panel()
    lab.page.wait_for_function("window.drawnAt > 0", timeout=4 * PATIENCE_MS)
    return float(lab.page.evaluate("window.drawnAt - window.clickedAt"))


def filter_runs(page: Page, panel: Panel) -> float:
    """From Enter in the filter until another number of runs is told; the filter is cleared again."""
    total = panel.widget.locator(".ts-total")
    before = total.inner_text()
    box = panel.widget.get_by_role("combobox", name="Filter runs")
    box.focus()
    # Typed at once and entered at once, so that the pause after typing does not count.
    page.evaluate(
        "text => { const box = document.activeElement; box.value = text;"
        " box.dispatchEvent(new Event('input', { bubbles: true })); }",
        FILTER,
    )
    took = float(page.evaluate(FILTERED, before))
    box.fill("")
    page.keyboard.press("Enter")
    expect(total).to_have_text(before, timeout=PATIENCE_MS)
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    main(options.runs, options.repeat)
