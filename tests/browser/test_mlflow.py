"""A notebook that calls MLflow alone: its runs stand in the panel as Trackside's own do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .gate import WAIT, Gate
from .lab import PATIENCE_MS, Lab

if TYPE_CHECKING:
    from ..servers import MlflowServer

pytest.importorskip("mlflow")
pytestmark = pytest.mark.interop

PLAIN = f"""{WAIT}
import mlflow
with mlflow.start_run(run_name="plain"):
    mlflow.log_param("depth", 3)
    mlflow.log_metric("loss", 0.5)
    {Gate.wait("end")}
"""
SEARCH = """
import numpy, warnings
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
warnings.simplefilter("ignore")
mlflow.sklearn.autolog(log_models=False, silent=True)
search = GridSearchCV(LogisticRegression(), {"C": [0.5, 2.0]}, cv=2)
search.fit(numpy.arange(4.0).reshape(4, 1), numpy.array([0, 0, 1, 1]))
"""


def test_runs_of_mlflow_are_listed_with_notebook_and_environment(lab: Lab) -> None:
    """R3.2, R4.1: while the cell runs, with the notebook as it was; autologging's child runs under their parent."""
    panel = lab.open_with_panel("unchanged.ipynb", PLAIN, SEARCH)
    lab.run(0)
    run = panel.run("plain")
    expect(run).to_have_attribute("data-status", "RUNNING", timeout=4 * PATIENCE_MS)
    run.locator(".ts-run-toggle").click()
    for expected in ("depth3", "Revision", "NOTEBOOK", "environment"):
        expect(run.locator(".ts-details")).to_contain_text(expected, timeout=PATIENCE_MS)
    assert lab.prompt(0) == "[*]:"
    Gate(lab.folder).open("end")
    expect(run).to_have_attribute("data-status", "FINISHED", timeout=PATIENCE_MS)
    run.locator(".ts-run-toggle").click()
    lab.run_through(1, timeout_s=4 * PATIENCE_MS / 1000)
    expect(panel.runs).to_have_count(4, timeout=PATIENCE_MS)
    expect(panel.widget.get_by_role("button", name="2 child runs")).to_be_visible()
    run.get_by_role("button", name=re.compile("Open the notebook")).click()
    document = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(document).to_contain_text('mlflow.start_run(run_name="plain")', timeout=PATIENCE_MS)


@pytest.mark.server
def test_a_run_opens_in_the_servers_own_page(lab: Lab, mlflow_server: MlflowServer) -> None:
    """R4.5: with the mouse from the menu, with the keyboard by its key; its address is copied."""
    served = "import trackside\nwith trackside.start_run(run_name='served') as run:\n    print(run.info.run_id)"
    panel = lab.open_with_panel(
        "served.ipynb", f"import trackside\ntrackside.set_tracking_uri({mlflow_server.url!r})", served
    )
    lab.run_through(0)
    cell = lab.run_through(1, timeout_s=2 * PATIENCE_MS / 1000)
    run_id = cell.locator(".jp-OutputArea-output").inner_text().strip()
    run = panel.run("served")
    run.locator(".ts-run-name").click(button="right", timeout=PATIENCE_MS)
    with lab.page.expect_popup() as opened:
        panel.widget.get_by_role("menuitem", name="Open on the tracking server").click()
    assert opened.value.url.startswith(mlflow_server.url)
    assert run_id in opened.value.url
    opened.value.close()
    run.locator(".ts-run-toggle").focus()
    with lab.page.expect_popup() as opened:
        lab.page.keyboard.press("o")
    assert run_id in opened.value.url
    opened.value.close()
    lab.page.keyboard.press("l")
    expect(panel.widget.locator(".ts-notice-text")).to_have_text("Copied.")
    assert run_id in lab.page.evaluate("navigator.clipboard.readText()")
