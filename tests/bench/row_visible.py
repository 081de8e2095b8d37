# ruff: noqa: T201 - it prints a table
"""How long it takes from the call of ``start_run`` until the run's row is drawn in the sidebar.

    python tests/bench/row_visible.py [runs]

A real JupyterLab in a real browser, both on this machine, so that one clock serves for the kernel and the page. One
cell makes the runs one after another, so the kernel is busy all the time. Fails where the median misses its goal.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.conftest import CHROMIUM, FLAGS, SIZE
from tests.browser.lab import Lab
from tests.browser.server import JupyterServer

GOAL_MS = 300

CELL = """
import json, random, time, trackside
called = {{}}
for number in range({runs} + 1):
    called[f"row {{number}}"] = time.time() * 1000
    with trackside.start_run(run_name=f"row {{number}}"):
        trackside.log_metric("loss", number)
        time.sleep(random.uniform(0.8, 1.6))
print(json.dumps(called))
"""

WATCH_ROWS = """
window.drawn = {};
const look = () => requestAnimationFrame(() => {
  for (const name of document.querySelectorAll("#trackside-sidebar .ts-run-name"))
    window.drawn[name.textContent] ??= Date.now();
});
const options = { childList: true, subtree: true, characterData: true };
new MutationObserver(look).observe(document.querySelector("#trackside-sidebar"), options);
"""


def main(runs: int) -> int:
    """Print a table of milliseconds."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        server = JupyterServer(Path(name))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            called, drawn = measure(server, browser, runs)
        finally:
            browser.close()
            server.stop()
    first, *others = [drawn[row] - called[row] for row in called]
    median, slow = statistics.median(others), sorted(others)[int(len(others) * 0.95)]
    print("| ms | first | best | median | 95th |\n|---|---|---|---|---|")
    print(f"| start_run → row drawn | {first:.0f} | {min(others):.0f} | {median:.0f} | {slow:.0f} |")
    return int(median >= GOAL_MS)


def measure(server: JupyterServer, browser: Browser, runs: int) -> tuple[dict[str, float], dict[str, float]]:
    """When each run was started in the kernel, and when its row was drawn on the page."""
    page = browser.new_context(viewport=SIZE).new_page()
    lab = Lab(page, server, server.root)
    lab.write("bench.ipynb", CELL.format(runs=runs))
    lab.open("bench.ipynb")
    lab.open_panel().wait_for_widget()
    page.evaluate(WATCH_ROWS)
    cell = lab.run_through(0, timeout_s=runs * 5 + 60)
    return json.loads(cell.locator(".jp-OutputArea-output").inner_text()), page.evaluate("window.drawn")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
