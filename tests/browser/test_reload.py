"""The tabs of runs and of their notebooks are there again when the page is."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .gate import WAIT, Gate
from .lab import PATIENCE_MS, Lab, Panel
from .waiting import wait_until

RUNS = f"""{WAIT}
import trackside
for name in ("first", "second"):
    with trackside.start_run(run_name=name):
        trackside.log_metric("score", 1)
"""
GOES_ON = f"with trackside.start_run(run_name='third'):\n    {Gate.wait()}"
PURGE = """
second = trackside.search_runs("", "attributes.run_name = 'second'", output_format="list")[0]
trackside.delete_run(second.info.run_id)
trackside.purge_runs([second.info.run_id], dry_run=False)
"""


def run_tab(lab: Lab) -> Locator:
    return lab.page.locator(".trackside-run:not(.lm-mod-hidden)")


def press(panel: Panel, name: str, key: str) -> None:
    """Press a key on a run as soon as the panel knows that its notebook is stored."""
    expect(panel.run(name).locator(".ts-open-revision")).to_be_enabled(timeout=PATIENCE_MS)
    panel.run(name).locator(".ts-run-toggle").press(key, timeout=PATIENCE_MS)


def is_saved(lab: Lab, *names: str) -> bool:
    """Whether JupyterLab has remembered tabs of just these runs, of which the first is in front."""
    workspaces = lab.server.call("GET", "lab/api/workspaces")["workspaces"]["values"]
    for saved in (workspace["data"] for workspace in workspaces):
        tabs = {key: value["data"]["name"] for key, value in saved.items() if key.startswith("trackside-tab:")}
        main = saved.get("layout-restorer:data", {}).get("main") or {}
        if sorted(tabs.values()) == sorted(names) and tabs.get(main.get("current")) == names[0]:
            return True
    return False


def test_tabs_are_there_again_after_a_reload_and_follow_the_kernel(lab: Lab) -> None:
    """R4.2, R5.1: a run at the neighbour that was gone to, and a notebook; busy, restarted, without a kernel."""
    panel = lab.open_with_panel("again.ipynb", RUNS, GOES_ON)
    lab.run_through(0)
    for key, name in (("b", "first"), ("v", "first")):
        press(panel, name, key)
        expect(lab.tab(name)).to_have_count(1 if key == "b" else 2, timeout=PATIENCE_MS)
    tab = run_tab(lab)
    tab.get_by_role("button", name="Next run second").click(timeout=PATIENCE_MS)
    expect(lab.tab("second")).to_have_count(1)
    wait_until(lambda: is_saved(lab, "second", "first"))
    lab.reload(wait_for_kernel=False)
    expect(tab.locator(".ts-run-name")).to_have_text("second", timeout=PATIENCE_MS)
    lab.expect_in_front("second")
    lab.tab("first").click()
    revision = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(revision.locator(".trackside-revision-bar")).to_contain_text("first", timeout=PATIENCE_MS)
    expect(lab.page.locator("#jp-main-dock-panel .lm-TabBar-tab")).to_have_count(3)

    lab.go_to("again.ipynb")
    press(panel, "second", "v")
    lab.expect_in_front("second")
    lab.go_to("again.ipynb")
    lab.run(1)
    expect(panel.run("third")).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    lab.go_to("second")
    wait_until(lambda: is_saved(lab, "second", "first"))
    lab.reload(wait_for_kernel=False)
    expect(tab).to_contain_text("The kernel is busy", timeout=PATIENCE_MS)
    Gate(lab.folder).open()
    expect(tab.locator(".ts-run-name")).to_have_text("second", timeout=PATIENCE_MS)
    lab.go_to("again.ipynb")
    lab.wait_for_kernel()
    lab.restart_kernel()
    lab.go_to("second")
    expect(tab.locator(".ts-run-name")).to_have_text("second", timeout=PATIENCE_MS)


def test_a_tab_whose_run_or_notebook_is_gone_says_so(lab: Lab) -> None:
    """R4.2, R5.1: the run was purged; the kernel was shut down; the file was taken away."""
    panel = lab.open_with_panel("gone.ipynb", RUNS, PURGE)
    lab.run_through(0)
    for key in ("b", "v"):
        press(panel, "second", key)
        expect(lab.tab("second")).to_have_count(1 if key == "b" else 2, timeout=PATIENCE_MS)
    lab.go_to("gone.ipynb")
    lab.run_through(1)
    lab.tab("second").nth(0).click()
    wait_until(lambda: is_saved(lab, "second", "second"))
    lab.reload(wait_for_kernel=False)
    expect(run_tab(lab)).to_contain_text("This run is not there any more.", timeout=PATIENCE_MS)
    lab.tab("second").nth(1).click()
    message = lab.page.locator("#jp-main-dock-panel .trackside-message:visible")
    expect(message).to_contain_text("there is no run", timeout=PATIENCE_MS)
    expect(message.get_by_role("button", name="Try again")).to_be_visible()
    lab.server.stop_kernels()
    expect(message).to_contain_text("has no kernel", timeout=PATIENCE_MS)

    (lab.folder / "gone.ipynb").unlink()
    lab.reload(wait_for_kernel=False)
    expect(message).to_contain_text("gone.ipynb is not open", timeout=PATIENCE_MS)
