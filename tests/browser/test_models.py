"""The code that predicts with a run's models, and curves in the list, as people come to them."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import PATIENCE_MS, Lab

TRAIN = """
import warnings
warnings.simplefilter("ignore")
import mlflow, pandas as pd, trackside
from sklearn.linear_model import LinearRegression
table = pd.DataFrame({"a b": [1.0, 2.0], "it's": [2.0, 4.0]})
with mlflow.start_run(run_name="fitted"):
    for step in range(50):
        mlflow.log_metric("loss", 1 / (step + 1), step)
    model = LinearRegression().fit(table, [3.0, 6.0])
    mlflow.sklearn.log_model(model, name="line <b>", input_example=table, pip_requirements=["scikit-learn"])
"""


def test_the_code_that_predicts_is_inserted_and_predicts(lab: Lab) -> None:
    """R4.1, R4.4: with the mouse, then with the keyboard; the list shows the course of the metric."""
    panel = lab.open_with_panel("train.ipynb", TRAIN)
    lab.run_through(0, timeout_s=4 * PATIENCE_MS / 1000)
    run = panel.run("fitted")
    expect(run.locator(".ts-chip .ts-spark path")).to_be_visible(timeout=PATIENCE_MS)
    run.locator(".ts-run-toggle").click()
    models = run.locator(".ts-section", has=lab.page.get_by_role("button", name="Models 1"))
    expect(models).to_contain_text("line <b>", timeout=PATIENCE_MS)
    models.get_by_role("button", name="Spark").click()
    expect(models.locator(".ts-snippet")).to_contain_text("spark_udf")
    models.get_by_role("button", name="Copy the code").click()
    lab.wait_for_clipboard("spark_udf")
    models.get_by_role("button", name="pandas").click()
    models.get_by_role("button", name="Insert a cell").click()
    expect(lab.cells).to_have_count(2)
    expect(lab.run_through(1, timeout_s=2 * PATIENCE_MS / 1000)).to_contain_text("array([3., 6.])")

    insert = models.get_by_role("button", name="Insert a cell")
    models.get_by_role("button", name="pandas").focus()
    for _ in range(3):
        lab.page.keyboard.press("Tab")
    expect(insert).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(lab.cells).to_have_count(3)
    expect(lab.notebook.locator(".jp-Notebook-cell.jp-mod-active:focus")).to_contain_text("load_model")
    lab.page.keyboard.press("Shift+Enter")
    expect(lab.cells.nth(2)).to_contain_text("array([3., 6.])", timeout=PATIENCE_MS)
