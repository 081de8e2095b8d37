"""Runs are reproduced from the sidebar: with libraries of today and of yesterday, in part, in vain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .reproducing import (
    INSTALL_MS,
    OLD,
    OLD_CODE,
    add_environment,
    ask_for,
    confirm,
    environments_of,
    kernel_in_front,
    remove_environment,
    run_trackside,
    wait_for_clone,
)

if TYPE_CHECKING:
    from .lab import Lab


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the libraries of 2023 have no wheels for it")
def test_a_notebook_of_old_libraries_runs_again_on_a_machine_that_has_new_ones(lab: Lab, tmp_path: Path) -> None:
    """R7.2, R7.3: in an environment like the one that was removed, with the same metrics; also without a browser."""
    venv = add_environment(lab.server, tmp_path, "old", *OLD)
    lab.write("train.ipynb", OLD_CODE, kernel="old")
    lab.open("train.ipynb")
    panel = lab.open_panel()
    lab.run_through(0, timeout_s=INSTALL_MS / 1000)
    panel.wait_for_widget()
    expect(panel.run("of 2023")).to_have_attribute("data-status", "FINISHED")
    lab.save()
    remove_environment(lab.server, venv)

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

    done = run_trackside(lab.folder, lab.server, "reproduce", run_id, "--to", "by-hand", "--verify", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (lab.folder / "by-hand" / "train.ipynb").is_file()
    assert len(environments_of(lab.server)) == 1
