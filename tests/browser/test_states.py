"""What the panel says where it cannot show runs, and what it offers to do about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from . import kernels
from .gate import WAIT, Gate
from .lab import PATIENCE_MS, Lab

if TYPE_CHECKING:
    from .server import JupyterServer

SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="module")
def earlier_kernels(server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two kernels of ipykernel 6, which has no subshells: ``bare`` without Trackside, ``earlier`` with it."""
    packages = ("ipykernel<7", "anywidget", "ipywidgets", "nbformat", "psutil")
    command = kernels.make_environment(tmp_path_factory.mktemp("earlier") / "venv", *packages)
    kernels.add_kernel(server.data, "bare", "Bare Python", command)
    kernels.add_kernel(server.data, "earlier", "Earlier Python", command, PYTHONPATH=str(SOURCE))


def test_a_kernel_without_trackside_says_how_to_install_it(lab: Lab, earlier_kernels: None) -> None:
    lab.write("bare.ipynb", "1 + 1", kernel="bare")
    lab.open("bare.ipynb")
    message = lab.open_panel().message
    expect(message).to_contain_text("not installed for the kernel “Bare Python”", timeout=PATIENCE_MS)
    expect(message.locator(".trackside-detail")).to_contain_text("/venv/bin/python")
    message.get_by_role("button", name="Insert as cell").click()
    expect(lab.cells.nth(1)).to_contain_text("%pip install trackside")
    lab.run_through(0)
    assert lab.prompt(0) == "[1]:"


def test_the_runs_show_once_trackside_is_installed(lab: Lab, earlier_kernels: None) -> None:
    """The panel looks again after a cell that speaks of Trackside."""
    cell = f"import sys\nsys.path.insert(0, {str(SOURCE)!r})  # stands for %pip install trackside"
    lab.write("later.ipynb", cell, kernel="bare")
    lab.open("later.ipynb")
    panel = lab.open_panel()
    expect(panel.message).to_contain_text("not installed", timeout=PATIENCE_MS)
    lab.run_through(0)
    panel.wait_for_widget()


def test_a_trackside_that_cannot_be_loaded_says_why(lab: Lab, earlier_kernels: None) -> None:
    package = lab.folder / "site" / "trackside"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("def load_ipython_extension(shell):\n    raise OSError('half there')\n")
    lab.write("half.ipynb", f"import sys\nsys.path.insert(0, {str(package.parent)!r})", kernel="bare")
    lab.open("half.ipynb")
    lab.run_through(0)
    message = lab.open_panel().message
    expect(message).to_contain_text("OSError: half there", timeout=PATIENCE_MS)
    expect(message).to_have_attribute("role", "alert")
    message.get_by_role("button", name="Try again").click()
    expect(message).to_contain_text("OSError: half there")


def test_a_kernel_of_another_language_is_named(lab: Lab) -> None:
    kernels.add_other_language(lab.server.data)
    lab.write("other.ipynb", "roll", kernel="stones")
    lab.open("other.ipynb")
    expect(lab.open_panel().message).to_contain_text("This one runs Stones")
    lab.run_through(0)


def test_a_notebook_without_a_kernel_offers_to_choose_one(lab: Lab) -> None:
    panel = lab.open_with_panel("none.ipynb", "1")
    lab.command("kernelmenu:shutdown")
    expect(panel.message).to_contain_text("has no kernel", timeout=PATIENCE_MS)
    panel.message.get_by_role("button", name="Select kernel").click()
    lab.page.locator(".jp-Dialog-button.jp-mod-accept").click()
    panel.wait_for_widget()


def test_while_the_kernel_starts_the_panel_waits(lab: Lab) -> None:
    kernels.add_broken_kernel(lab.server.data)
    lab.write("broken.ipynb", "1", kernel="broken")
    lab.open("broken.ipynb", wait_for_kernel=False)
    panel = lab.open_panel()
    expect(panel.message).to_contain_text(re.compile("Waiting for the kernel|kernel died"))
    lab.server.stop_kernels()


def test_a_kernel_that_died_is_started_again_from_the_panel(lab: Lab) -> None:
    panel = lab.open_with_panel("dies.ipynb", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    lab.run(0)
    lab.page.locator(".jp-Dialog-button.jp-mod-accept").click(timeout=PATIENCE_MS)
    panel.wait_for_widget()


def test_a_busy_kernel_that_cannot_answer_meanwhile_says_so(lab: Lab, earlier_kernels: None) -> None:
    """R4.1: where subshells are missing, the panel says why it waits, and shows the runs when the cell ends."""
    gate = Gate(lab.folder)
    lab.write("busy.ipynb", f"{WAIT}\n{Gate.wait()}", kernel="earlier")
    lab.open("busy.ipynb")
    lab.run(0)
    panel = lab.open_panel()
    expect(panel.message).to_contain_text("The kernel is busy", timeout=PATIENCE_MS)
    gate.open()
    panel.wait_for_widget()
    expect(panel.widget).to_contain_text("No runs yet")


def test_runs_move_while_an_earlier_kernel_is_busy(lab: Lab, earlier_kernels: None) -> None:
    """R4.1: pushes need no subshell."""
    gate = Gate(lab.folder)
    cell = f"{WAIT}\nimport trackside\nwith trackside.start_run(run_name='early'):\n    {Gate.wait()}"
    panel = lab.open_with_panel("moves.ipynb", cell, kernel="earlier")
    lab.run(0)
    expect(panel.run("early")).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    gate.open()
    expect(panel.run("early")).to_have_attribute("data-status", "FINISHED")
