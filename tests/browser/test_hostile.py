"""Everything that a run can say, as script, as markup, with control characters, and far too long."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from .lab import PATIENCE_MS, Lab

WRITE = r"""
import sqlite3, time, trackside
EVIL = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>\x00\x07\x1b[31m\u202e\u2066</bdi>\ud83c\udf32"
EVIL = EVIL.encode("utf-16", "surrogatepass").decode("utf-16")
with trackside.start_run(run_name="first"):
    pass
db = sqlite3.connect("mlflow.db")
(experiment, location), = db.execute("SELECT experiment_id, artifact_location FROM experiments WHERE experiment_id > 0")
db.execute("UPDATE experiments SET name = ? WHERE experiment_id = ?", (EVIL, experiment))


def add(run_id, said, age):
    start = int(time.time() * 1000) - age
    db.execute(
        "INSERT INTO runs (run_uuid, name, source_type, source_name, user_id, status, start_time,"
        " end_time, lifecycle_stage, artifact_uri, experiment_id)"
        " VALUES (?, ?, 'UNKNOWN', '', ?, 'FAILED', ?, ?, 'active', ?, ?)",
        (run_id, said, said, start, start + 5, f"{location}/{run_id}/artifacts", experiment),
    )
    tags = ["mlflow.source.name", "mlflow.user", "mlflow.note.content", "mlflow.source.git.commit", "mlflow.runName"]
    tags += ["mlflow.source.git.repoURL", "mlflow.source.git.branch", "trackside.error.type", "mlflow.source.type"]
    tags += ["trackside.error.message", "mlflow.project.entryPoint", "trackside.notebook.path", said]
    db.executemany("INSERT INTO tags VALUES (?, ?, ?)", [(key, said, run_id) for key in tags])
    db.execute("INSERT INTO params VALUES (?, ?, ?)", (said, said, run_id))
    db.execute("INSERT INTO params VALUES ('depth', ?, ?)", (said, run_id))
    for key in (said, "loss"):
        for step in range(2):
            db.execute("INSERT INTO metrics VALUES (?, ?, 1, ?, ?, 0)", (key, 1.0 - step, run_id, step))
        db.execute("INSERT INTO latest_metrics VALUES (?, 0, 1, 1, 0, ?)", (key, run_id))


add("a" * 32, EVIL, 1000)
add("b" * 32, "long" + "<b>" * 350_000, 2000)
db.commit()
files = trackside.stores.uri.open_store(trackside.get_tracking_uri()).artifacts("a" * 32)
files.write_bytes("<img src=x onerror='window.hit=1'>.txt", b"<script>window.hit=1</script>")
"""


def check(lab: Lab, place: Locator) -> None:
    """Nothing that was said became an element, ran, or wrote over what lies beside it."""
    assert lab.page.evaluate("window.hit") is None
    expect(place.locator("img, script, b:not(.ts-markdown b)")).to_have_count(0)


def test_what_runs_say_is_text_wherever_it_is_shown(lab: Lab) -> None:
    """R4.1, R4.2, R6.3: names, users, params, metrics, tags, notes, errors, sources, commits, files, experiments."""
    panel = lab.open_with_panel("evil.ipynb", WRITE)
    lab.run_through(0)
    expect(panel.runs).to_have_count(3, timeout=PATIENCE_MS)
    check(lab, panel.widget)
    evil, long = (panel.widget.locator(f'[data-run="{letter * 32}"]') for letter in "ab")
    for run in (evil, long):
        run.locator(".ts-run-toggle").click()
        expect(run.get_by_role("button", name="System tags")).to_be_visible(timeout=PATIENCE_MS)
        expect(run.locator(".ts-error")).to_be_visible()
        check(lab, panel.widget)
        assert len(run.inner_text()) < 150_000
    evil.get_by_role("button", name="onerror='window.hit=1'>.txt", exact=False).first.click()
    expect(evil.locator(".ts-files .ts-code")).to_have_text("<script>window.hit=1</script>")
    evil.locator(".ts-run-toggle").press("m")
    expect(panel.widget.locator("[role=menu]")).to_be_visible()
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("Delete")
    expect(panel.widget.get_by_role("dialog")).to_contain_text("onerror")
    lab.page.keyboard.press("Escape")
    check(lab, panel.widget)
    for run in (evil, long):
        run.locator(".ts-run-toggle").click()

    panel.widget.get_by_role("button", name="Order, density, columns").click()
    panel.widget.get_by_role("combobox", name="Density").select_option("rows")
    expect(panel.widget.locator(".ts-heads")).to_be_visible()
    check(lab, panel.widget)
    evil.hover()
    evil.get_by_role("button", name="in a tab").click()
    tab = lab.page.locator(".trackside-run:not(.lm-mod-hidden)")
    expect(tab.get_by_role("button", name="System tags")).to_be_visible(timeout=PATIENCE_MS)
    check(lab, tab)
    check(lab, lab.page.locator("#jp-main-dock-panel .lm-TabBar"))


WRITE_NOTEBOOKS = r"""
import json, trackside
from trackside.notebook import revision
from trackside.stores.uri import open_store
STRIKE = "<p>shown</p><img src=x onerror='window.hit=1'><script>window.hit=1</script>"
data = [{"text/html": STRIKE}, {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{STRIKE}</svg>"}]
data += [{"application/javascript": "window.hit=1"}]
outputs = [{"output_type": "display_data", "metadata": {}, "data": one} for one in data]
trusted = {"metadata": {"trusted": True}}
code = {"cell_type": "code", "id": "a", "source": "1", "execution_count": 1, "outputs": outputs, **trusted}
text = {"cell_type": "markdown", "id": "b", "source": STRIKE, **trusted}
metadata = {"language_info": {"name": "python"}}
notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [code, text]}
with trackside.start_run(run_name="first") as first:
    pass
store = open_store(trackside.get_tracking_uri())
place, start = first.info.experiment_id, first.info.start_time + 1
tags = {"trackside.revision.path": "notebook/evil.ipynb", "trackside.revision.sha256": revision.hash_of(notebook)}
run = store.create_run(place, run_name="evil", user_id="", start_time=start, tags=tags)
files = store.artifacts(run.info.run_id)
for path in ("notebook/evil.ipynb", "stored.ipynb"):
    files.write_bytes(path, json.dumps(notebook).encode())
"""


def test_notebooks_of_runs_are_trusted_with_nothing(lab: Lab) -> None:
    """R5.1, R6.3: a notebook that says that its outputs are to be trusted runs no script when it is looked at."""
    panel = lab.open_with_panel("notebooks.ipynb", WRITE_NOTEBOOKS)
    lab.run_through(0)
    run = panel.run("evil")
    run.get_by_role("button", name=re.compile("Open the notebook")).click(timeout=PATIENCE_MS)
    document = lab.page.locator(".trackside-revision:not(.lm-mod-hidden)")
    expect(document.locator(".jp-MarkdownCell")).to_contain_text("shown")
    assert lab.page.evaluate("window.hit") is None
    lab.go_to("notebooks.ipynb")
    run.locator(".ts-run-toggle").click()
    run.get_by_role("button", name="stored.ipynb").first.click()
    expect(document.locator(".jp-MarkdownCell")).to_contain_text("shown")
    expect(document.locator(".jp-OutputArea")).to_contain_text("shown")
    assert lab.page.evaluate("window.hit") is None
