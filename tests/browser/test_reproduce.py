"""Runs are reproduced from the sidebar: with libraries of today and of yesterday, in part, in vain."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .lab import PATIENCE_MS, Lab, Panel
from .reproducing import (
    INSTALL_MS,
    OLD,
    OLD_CODE,
    add_environment,
    ask_for,
    bring_first_to_front,
    confirm,
    environments_of,
    kernel_in_front,
    pretend_elsewhere,
    remove_environment,
    require_success,
    start,
    wait_for_clone,
    wait_for_plan,
)

if TYPE_CHECKING:
    from ..servers import MlflowServer

STEADY = """import trackside
with trackside.start_run(run_name="steady"):
    trackside.log_param("depth", 3)
    trackside.log_metric("loss", 0.25)
"""
GONE = "no-such-library-of-trackside==1.0"
SMALL = "colorama==0.4.6"


def run_with_old_libraries(lab: Lab, folder: Path) -> None:
    """Make the run of 2023, in an environment that is removed afterwards."""
    venv = add_environment(lab.server, folder, "old", *OLD)
    lab.write("train.ipynb", OLD_CODE, kernel="old")
    lab.open("train.ipynb")
    panel = lab.open_panel()
    lab.run_through(0, timeout_s=INSTALL_MS / 1000)
    panel.wait_for_widget()
    expect(panel.run("of 2023")).to_have_attribute("data-status", "FINISHED")
    lab.save()
    remove_environment(lab.server, venv)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the libraries of 2023 have no wheels for it")
def test_a_notebook_of_old_libraries_runs_again_on_a_machine_that_has_new_ones(lab: Lab, tmp_path: Path) -> None:
    """R7.2, R7.3: in an environment like the one that was removed, with the same metrics; also without a browser."""
    run_with_old_libraries(lab, tmp_path)
    lab.write("train.ipynb", OLD_CODE)
    lab.open("train.ipynb")
    cell = lab.run_through(0, timeout_s=INSTALL_MS / 1000)
    expect(cell).to_contain_text("unexpected keyword argument 'method'")
    panel = lab.open_panel()
    panel.wait_for_widget()
    dialog = ask_for(panel, "of 2023")
    expect(dialog).to_contain_text("A new one is made")
    expect(dialog).to_contain_text("is not there any more")
    dialog.get_by_role("button", name="Libraries").click()
    dialog.get_by_label("Find a library").fill("pandas")
    expect(dialog.get_by_role("list", name="Libraries")).to_contain_text("2.1.4")
    dialog.get_by_label("Verify").check()
    confirm(dialog)
    expect(dialog.get_by_role("region")).to_contain_text("The results are the same", timeout=INSTALL_MS)
    expect(dialog.get_by_role("row", name="weight")).to_contain_text("equal")
    run_id = panel.run("of 2023").first.get_attribute("data-run") or ""
    dialog.get_by_role("button", name="Open the clone").click()
    expect(dialog).to_have_count(0)
    wait_for_clone(lab, "train-of-2023/train.ipynb")
    assert kernel_in_front(lab).startswith("trackside-")
    lab.run_through(0, timeout_s=INSTALL_MS / 1000)
    expect(lab.cells.first.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)

    require_success(
        start(lab.folder, lab.server, "trackside", "reproduce", run_id, "--to", "by-hand", "--verify", "--yes")
    )
    assert (lab.folder / "by-hand" / "train.ipynb").is_file()
    assert len(environments_of(lab.server)) == 1


@pytest.mark.server
def test_a_run_on_a_server_is_reproduced_with_the_keyboard_alone(lab: Lab, mlflow_server: MlflowServer) -> None:
    """R7.1, R7.2: on the environment that is still there; the window is closed and opened again."""
    panel = lab.open_with_panel(
        "steady.ipynb", f"import trackside; trackside.set_tracking_uri({mlflow_server.url!r})\n{STEADY}"
    )
    lab.run_through(0)
    expect(panel.runs).to_have_count(1, timeout=PATIENCE_MS)
    lab.save()
    panel.run("steady").locator(".ts-run-toggle").focus()
    keyboard = lab.page.keyboard
    keyboard.press("p")
    dialog = wait_for_plan(panel)
    folder = dialog.get_by_label("Folder")
    expect(folder).to_be_focused()
    expect(dialog).to_contain_text("nothing is installed")
    keyboard.press("Control+a")
    keyboard.insert_text(str(lab.folder))
    expect(dialog).to_contain_text("not empty")
    expect(dialog.get_by_role("button", name="Reproduce", exact=True)).to_be_disabled()
    keyboard.press("Control+a")
    keyboard.insert_text(str(lab.folder / "again"))
    expect(dialog.get_by_role("button", name="Reproduce", exact=True)).to_be_enabled()
    keyboard.press("Enter")
    expect(dialog).to_have_count(0, timeout=2 * PATIENCE_MS)
    wait_for_clone(lab, "again/steady.ipynb")
    assert kernel_in_front(lab) == "python3"
    lab.run_through(0)
    expect(panel.runs).to_have_count(1, timeout=PATIENCE_MS)
    bring_first_to_front(lab)
    expect(panel.widget.locator(".ts-rp-bar")).to_contain_text("steady: Reproduced")
    panel.widget.locator(".ts-rp-bar").get_by_role("button", name="Show").press("Enter")
    expect(dialog).to_contain_text("The clone is open.")
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_what_cannot_be_installed_is_named_and_nothing_stays_of_what_failed_or_was_cancelled(lab: Lab) -> None:
    """R7.1, R7.2: marked beforehand, then named; without it the clone opens in a new environment."""
    panel = lab.open_with_panel("gone.ipynb", STEADY)
    lab.run_through(0)
    expect(panel.runs).to_have_count(1)
    lab.save()
    pretend_elsewhere(lab.folder, SMALL, GONE, "evil @ https://example.org/evil.zip")
    before = environments_of(lab.server)
    fail_and_cancel(lab, panel)
    go_on_in_the_background(lab, panel)
    clone_the_notebook_alone(lab, panel)

    dialog = ask_for(panel, "steady")
    dialog.get_by_label("Install its").uncheck()
    expect(dialog).to_contain_text("with what a kernel needs")
    confirm(dialog)
    expect(dialog).to_have_count(0, timeout=INSTALL_MS)
    wait_for_clone(lab, "gone-steady-2/gone.ipynb")
    made = sorted(environments_of(lab.server) - before, key=lambda folder: folder.stat().st_mtime)
    assert [any(folder.rglob("colorama-*.dist-info")) for folder in made] == [True, False]


def fail_and_cancel(lab: Lab, panel: Panel) -> None:
    """R7.1: the plan names what cannot be had; neither a failure nor a cancelled step leaves anything behind."""
    before, clone = environments_of(lab.server), lab.folder / "gone-steady"
    dialog = ask_for(panel, "steady")
    expect(dialog).to_contain_text("1 library cannot be had any more:", timeout=2 * PATIENCE_MS)
    expect(dialog.get_by_role("checkbox", name="evil @ https")).not_to_be_checked()
    confirm(dialog)
    expect(dialog.get_by_role("alert")).to_contain_text(f"{GONE} could not be installed", timeout=INSTALL_MS)
    assert (clone.exists(), environments_of(lab.server)) == (False, before)
    dialog.get_by_role("button", name=re.compile("^Go on without")).click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_contain_text("Nothing was left behind", timeout=PATIENCE_MS)
    expect(dialog.locator('.ts-rp-steps [data-state="cancelled"]')).to_have_count(1)
    expect(dialog.locator('.ts-rp-steps [data-state="failed"]')).to_have_count(0)
    assert (clone.exists(), environments_of(lab.server)) == (False, before)


def go_on_in_the_background(lab: Lab, panel: Panel) -> None:
    """R7.2: while the page is loaded again the clone is made; the bar leads to what was left out."""
    dialog = panel.widget.get_by_role("dialog")
    dialog.get_by_role("button", name="Try again").click()
    dialog.get_by_role("button", name="Continue in the background").click()
    lab.reload()
    panel.wait_for_widget()
    wait_for_clone(lab, "gone-steady/gone.ipynb", timeout_ms=INSTALL_MS)
    assert kernel_in_front(lab).startswith("trackside-")
    bring_first_to_front(lab)
    bar = panel.widget.locator(".ts-rp-bar")
    expect(bar).to_contain_text("steady: Reproduced")
    bar.get_by_role("button", name="Show").click()
    expect(dialog).to_contain_text("Without no-such-library-of-trackside, evil.")
    dialog.get_by_role("button", name="Close").click()


def clone_the_notebook_alone(lab: Lab, panel: Panel) -> None:
    """R7.1: without the environment, into a folder that was chosen, and run at once."""
    dialog = ask_for(panel, "steady")
    dialog.get_by_label("The environment that the run had").uncheck()
    expect(dialog).to_contain_text("Only the notebook is cloned")
    dialog.get_by_label("Run all cells after opening").check()
    dialog.get_by_label("Folder").fill("/nowhere/chosen")
    dialog.get_by_role("button", name="Choose…").click()
    lab.page.locator(".jp-Dialog").get_by_role("button", name="Select").click()
    expect(dialog.get_by_label("Folder")).to_have_value(str(lab.folder / "chosen"))
    confirm(dialog)
    expect(dialog).to_have_count(0, timeout=2 * PATIENCE_MS)
    wait_for_clone(lab, "chosen/gone.ipynb")
    assert kernel_in_front(lab) == "python3"
    expect(lab.cells.first.locator(".jp-InputPrompt")).to_have_text("[1]:", timeout=PATIENCE_MS)
    bring_first_to_front(lab)
