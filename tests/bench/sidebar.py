# ruff: noqa: T201 - it prints a table
"""How soon the sidebar shows the runs of small and large experiments, in a real JupyterLab in a real browser.

    python tests/bench/sidebar.py --runs 100 10000 100000 --cache FOLDER
    python tests/bench/sidebar.py --runs 100 10000 100000 --cache FOLDER --made-by trackside

For each number of runs, with 20 params, 20 metrics and 10 tags each, in a file that MLflow made or one that Trackside
made, which has more indexes. The files are made once and kept in FOLDER: of 100,000 runs that takes some minutes and
1.3 GB for each of the two.

- *click*: from the click on the tab until the first rows are drawn, in a kernel that was used before; and in one that
  was not, which imports the widget.
- *MLflow*: from opening its page of the experiment until its first rows are drawn, its code in the browser's cache;
  the same browser, the same file. Only for files that MLflow made.
- *filter*: from Enter in the filter until its rows are drawn; and the first time in the kernel, when nothing of the
  filter's keys was read before.
- *frames*: of scrolling from the first run to the last.
- *star*: from the key until the star is drawn, stored meanwhile, while a cell runs a pure Python loop.
- *kB*: all that Trackside sends for the first paint: its labextension, its widget, and the rows.

Times are medians in milliseconds.
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

from tests.bench.search import fill, made_by_mlflow
from tests.browser.conftest import CHROMIUM, FLAGS, SIZE
from tests.browser.lab import PANEL_TAB, PATIENCE_MS, Lab, Panel
from tests.browser.server import JupyterServer
from tests.servers import MlflowServer

from trackside.stores.creation import make_database

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response, WebSocket

FILTER = "metrics.m0 > 0.9 AND params.p1 = '3'"
CELL = """
import trackside
trackside.set_tracking_uri("sqlite:///{database}")
trackside.set_experiment(experiment_id="0")
"""
LOOP = """
while True:
    sum(number * number for number in range(100_000))
"""
STARS = 12

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
STARRED = """
async () => {
  const starred = () => document.querySelector("#trackside-sidebar .ts-run .ts-star") !== null;
  const before = starred();
  const start = performance.now();
  document.querySelector("#trackside-sidebar .ts-run-toggle")
    .dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true, cancelable: true }));
  while (starred() === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
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
    stars: list[float] = field(default_factory=list)
    mlflow: list[float] = field(default_factory=list)

    def row(self, runs: int) -> str:
        """A line of the table."""
        frames = sorted(self.frames)
        scrolled = f"{statistics.median(frames):.0f} / {frames[int(len(frames) * 0.99)]:.0f} / {frames[-1]:.0f}"
        size = f"{statistics.median(self.bytes) / 1000:.0f}"
        filtered = f"{_told(self.filters)}, first {self.filters[0]:.0f}"
        cells = [f"{runs:,}", _told(self.clicks), f"{self.first_click:.0f}", self._peer(), filtered]
        return f"| {' | '.join([*cells, scrolled, _told(self.stars), size])} |"

    def _peer(self) -> str:
        if not self.mlflow:
            return "-"
        return f"{_told(self.mlflow)} ({statistics.median(self.mlflow) / statistics.median(self.clicks):.1f} times)"


def _told(times: list[float]) -> str:
    return f"{statistics.median(times):.0f}"


def main(counts: list[int], repeat: int, cache: Path, maker: str) -> None:
    """Print the table, a line as soon as it is known."""
    print(
        "| runs | click → rows | kernel's first | MLflow | filter → rows | frame: median / 99th / worst | star | kB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        database = find_database(cache, maker, count)
        with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            try:
                figures = measure_trackside(Path(name), browser, database, repeat)
                if maker == "mlflow":
                    figures.mlflow = measure_mlflow(Path(name), browser, database, repeat)
                print(figures.row(count), flush=True)
            finally:
                browser.close()


def find_database(folder: Path, maker: str, count: int) -> Path:
    """A file with so many runs, made where the folder does not have it yet."""
    path = folder / f"{maker}-{count}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        make = made_by_mlflow if maker == "mlflow" else make_database
        make(unfinished)
        fill(unfinished, count)
        unfinished.rename(path)
    return path


def measure_trackside(folder: Path, browser: Browser, database: Path, repeat: int) -> Figures:
    """Open the page again and again over one kernel."""
    server = JupyterServer(folder)
    try:
        page = browser.new_context(viewport=SIZE).new_page()
        received = count_bytes(page)
        lab = Lab(page, server, server.root)
        lab.write("bench.ipynb", CELL.format(database=database), LOOP)
        lab.open("bench.ipynb")
        lab.run_through(0)
        figures = Figures(first_click=click(lab))
        for _ in range(repeat):
            page.goto("about:blank")
            received.clear()  # also of what was scrolled to last
            lab.open("bench.ipynb")
            figures.clicks.append(click(lab))
            figures.bytes.append(sum(received))
            figures.filters.append(filter_runs(page, lab.panel))
            figures.frames += page.evaluate(SCROLLED, 200)
        figures.stars = star_while_busy(lab)
        return figures
    finally:
        server.stop()


def count_bytes(page: Page) -> list[int]:
    """The sizes of what Trackside sends to the page from now on: its files, and messages between widget and kernel."""
    sizes: list[int] = []

    def take(content: str | bytes) -> None:
        told = content.encode() if isinstance(content, str) else content
        if b'"msg_type": "comm_' in told and b'"msg_type": "status"' not in told:
            sizes.append(len(told))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", take)

    def answered(response: Response) -> None:
        if "/extensions/trackside/" in response.url:
            sizes.append(int(response.headers.get("content-length", 0)))

    page.on("websocket", listen)
    page.on("response", answered)
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


def star_while_busy(lab: Lab) -> list[float]:
    """Star a run and take the star away again, while the second cell runs."""
    lab.run(1)
    expect(lab.cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    lab.page.evaluate("document.querySelector('#trackside-sidebar .ts-scroll').scrollTop = 0")
    expect(lab.panel.runs.first).to_have_attribute("aria-posinset", "1")
    times = [float(lab.page.evaluate(STARRED)) for _ in range(STARS)]
    expect(lab.cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    lab.interrupt()
    return times


def measure_mlflow(folder: Path, browser: Browser, database: Path, repeat: int) -> list[float]:
    """From opening MLflow's page of the experiment until it shows a run."""
    (folder / "mlflow.db").symlink_to(database)
    server = MlflowServer(folder)
    try:
        page = browser.new_context(viewport=SIZE).new_page()
        return [open_mlflow(page, server.url) for _ in range(repeat + 1)][1:]
    finally:
        server.stop()


def open_mlflow(page: Page, address: str) -> float:
    """From opening the page until a run is drawn."""
    page.goto("about:blank")
    page.goto(f"{address}/#/experiments/0/runs", wait_until="commit")
    page.locator('a[href*="/runs/"]', has_text="run ").first.wait_for(timeout=10 * PATIENCE_MS)
    return float(page.evaluate("performance.now()"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "trackside-bench")
    parser.add_argument("--made-by", choices=("mlflow", "trackside"), default="mlflow")
    options = parser.parse_args()
    main(options.runs, options.repeat, options.cache, options.made_by)
