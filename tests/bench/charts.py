# ruff: noqa: T201 - it prints a table
"""How fast charts draw and follow a brush in a real browser, beside HiPlot, plotly and ECharts.

    python tests/bench/charts.py --runs 1000 10000 100000 --repeat 5 --peers FOLDER

Parallel coordinates with 8 axes: from the call until painted, and from a move of a brush until painted. Curves: 20 of
10,000 points each, and one of 1,000,000. Times are medians in milliseconds, in Chromium without a graphics card, whose
frames do not wait for a screen; a repeated first draw is in the same page. npm installs the peers into FOLDER, which is
kept; without ``--peers`` Trackside is measured alone. HiPlot draws its lines in many frames: its time is that of the
last line. What takes over 10 seconds is drawn once.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.conftest import CHROMIUM, FLAGS, SIZE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
PEERS = {
    "hiplot": "hiplot/dist/hiplot.bundle.js",
    "plotly": "plotly.js-dist-min/plotly.min.js",
    "echarts": "echarts/dist/echarts.min.js",
}
CURVES = [(20, 10_000), (1, 1_000_000)]
PATIENCE_MS = 300_000
SLOW_MS = 10_000
NO_SCREEN = ["--disable-frame-rate-limit", "--disable-gpu-vsync"]


def main() -> None:
    """Measure each library in a page of its own and print the tables."""
    arguments = read_arguments()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        scripts = {"trackside": build(Path(folder))}
        if arguments.peers is not None:
            scripts |= install(arguments.peers)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *NO_SCREEN])
        for library, script in scripts.items():
            measure(browser, library, script, arguments)
        browser.close()


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--most-for-peers", type=int, default=10_000, help="peers draw no more runs than this")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="where npm installs the other libraries")
    return parser.parse_args()


def build(folder: Path) -> Path:
    """The charts alone, as one script."""
    script = folder / "charts.js"
    esbuild = ROOT / "js" / "node_modules" / ".bin" / "esbuild"
    entry = ROOT / "js" / "src" / "widget" / "charts" / "index.ts"
    options = ["--bundle", "--minify", "--format=iife", "--global-name=trackside", "--log-level=warning"]
    subprocess.run([esbuild, entry, *options, f"--outfile={script}"], check=True)
    return script


def install(folder: Path) -> dict[str, Path]:
    """What npm has of the peers; those that it cannot install are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text("{}")
    packages = [path.split("/")[0] for path in PEERS.values()]
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--ignore-scripts", *packages], cwd=folder, check=False)
    found = {name: folder / "node_modules" / path for name, path in PEERS.items()}
    return {name: path for name, path in found.items() if path.exists()}


def measure(browser: Browser, library: str, script: Path, arguments: argparse.Namespace) -> None:
    """Print the lines of one library."""
    print(f"{library:10} script {len(gzip.compress(script.read_bytes(), 9)) / 1000:8.1f} kB gzip")
    for runs in arguments.runs:
        if library == "trackside" or runs <= arguments.most_for_peers:
            show_parallel(open_page(browser, script), library, runs, arguments.repeat)
    if library != "hiplot":
        for count, points in CURVES:
            show_curves(open_page(browser, script), library, (count, points), arguments.repeat)


def open_page(browser: Browser, script: Path) -> Page:
    page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
    page.set_default_timeout(PATIENCE_MS)
    page.goto("about:blank")
    styles = script.with_suffix(".css")
    if styles.exists():
        page.add_style_tag(path=styles)
    page.add_script_tag(path=script)
    page.add_script_tag(path=Path(__file__).with_name("charts_page.js"))
    return page


def show_parallel(page: Page, library: str, runs: int, repeat: int) -> None:
    call = "([library, runs]) => measureParallel(library, runs)"
    told: list[dict[str, Any]] = []
    while len(told) < repeat and (not told or told[0]["first"] < SLOW_MS):
        told.append(page.evaluate(call, [library, runs]))
    brushes = [time for one in told for time in one["brushes"]]
    brush = f"{statistics.median(brushes):9.1f}" if brushes else f"{'-':>9}"
    first = [one["first"] for one in told]
    told_first = f"first {statistics.median(first):9.1f} (best {min(first):.1f})"
    print(f"{library:10} parallel {runs:9,} runs: {told_first}, brush {brush}")
    page.close()


def show_curves(page: Page, library: str, size: tuple[int, int], repeat: int) -> None:
    call = "([library, count, points]) => measureCurves(library, count, points)"
    told: list[float] = [page.evaluate(call, [library, *size]) for _ in range(repeat)]
    label = f"{size[0]} x {size[1]:,} points"
    print(f"{library:10} curves {label:>22}: first {statistics.median(told):9.1f} (best {min(told):.1f})")
    page.close()


if __name__ == "__main__":
    main()
