"""What the panel says when something went wrong outside of it, and that the user's cells run all the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .lab import PATIENCE_MS, Lab

pytestmark = pytest.mark.one_page

RUN = "import trackside\nwith trackside.start_run(run_name={name!r}):\n    trackside.log_metric('score', 1)"
VICTIM = """
import os, signal, trackside
trackside.start_run(run_name="victim").capture.finish()
os.kill(os.getpid(), signal.SIGKILL)
"""

GIVES_UP = """AbortSignal.timeout = () => {
    const given = new AbortController();
    queueMicrotask(() => given.abort());
    return given.signal;
};"""
"""What hosts of widgets give up when time is out, they give up at once."""


def test_a_kernel_that_is_killed_leaves_a_killed_run(lab: Lab) -> None:
    """R1.3, R4.1: the panel of the kernel that takes its place ends the run."""
    panel = lab.open_with_panel("victim.ipynb", VICTIM)
    lab.run(0)
    lab.page.locator(".jp-Dialog").get_by_role("button").first.click(timeout=PATIENCE_MS)
    expect(panel.run("victim")).to_have_attribute("data-status", "KILLED", timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("content", "said"), [(b"no database " * 400, "is damaged, or is no SQLite database"), (b"", "No runs yet")]
)
def test_a_file_that_is_no_database_is_said_and_its_cell_runs(lab: Lab, content: bytes, said: str) -> None:
    """Bad input: a corrupt file at the tracking URI (an empty one is as good as none); an unknown scheme."""
    lab.write(
        "cells.ipynb",
        "%%track lost\nprint('the cell ran')",
        "import trackside\ntrackside.set_tracking_uri('pigeon://coop')",
    )
    database = lab.folder / "mlflow.db"
    database.write_bytes(content)
    lab.open("cells.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    expect(panel.widget).to_contain_text(said, timeout=PATIENCE_MS)
    expect(lab.run_through(0)).to_contain_text("the cell ran")
    assert bool(content) == (database.read_bytes() == content)
    lab.run_through(1)
    expect(panel.widget).to_contain_text("unknown scheme 'pigeon'", timeout=PATIENCE_MS)


def test_a_copy_of_a_notebook_has_runs_of_its_own(lab: Lab) -> None:
    """R2.2: the copy has the same id until its first run."""
    path = lab.write("first.ipynb", RUN.format(name="of the first"))
    lab.open("first.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run_through(0)
    expect(panel.runs).to_have_count(1)
    lab.wait_for_id()
    lab.save()
    path.with_name("copy.ipynb").write_bytes(path.read_bytes().replace(b"of the first", b"of the copy"))
    lab.command("filebrowser:refresh")
    lab.open_also("copy.ipynb")
    expect(panel.widget).to_contain_text("No runs yet", timeout=PATIENCE_MS)
    lab.run(0)
    expect(panel.run("of the copy")).to_be_visible(timeout=PATIENCE_MS)
    expect(panel.runs).to_have_count(1)
    lab.go_to("first.ipynb")
    expect(panel.run("of the first")).to_be_visible()


def test_a_panel_that_came_late_hears_its_kernel(lab: Lab) -> None:
    """R4.1: on a page that is busy, anywidget hands no more messages to a widget that took over two seconds to load."""
    lab.page.add_init_script(GIVES_UP)
    panel = lab.open_with_panel("late.ipynb", RUN.format(name="heard"))
    lab.run_through(0)
    run = panel.run("heard")
    run.get_by_role("button", name="Open the notebook").click(timeout=PATIENCE_MS)
    bar = lab.page.locator(".trackside-revision:not(.lm-mod-hidden) .trackside-revision-bar")
    expect(bar).to_contain_text("heard", timeout=PATIENCE_MS)
    lab.go_to("late.ipynb")
    run.locator(".ts-run-toggle").press("d")
    expect(lab.page.locator(".ts-diff:visible")).to_contain_text("There is no difference", timeout=PATIENCE_MS)
