"""What the panel can do is done from Python as well."""

from __future__ import annotations

from pathlib import Path

import pytest

import trackside
from trackside.widgets.bridge import FIELDS

OF_PAGES = {
    "artifact.chunk",
    "artifact.read",
    "compare.read",
    "filter.help",
    "names.list",
    "part.read",
    "reproduce.jobs",
    "run.leave",
    "runs.between",
    "runs.ids",
    "runs.leave",
}
"""How pages get what they show, and help with what is written in them."""
OF_JUPYTER = {"kernel.interrupt", "reproduce.cancel"}
"""In Python that is a KeyboardInterrupt."""
IN_PYTHON = {
    "artifact.table": "download_artifacts",
    "artifacts.list": "list_artifacts",
    "commit.read": "commit_changes",
    "compare.curves": "get_metric_history",
    "compare.open": "compare",
    "compare.select": "Comparison.select",
    "curves.read": "get_metric_history",
    "descendants.count": "get_child_runs",
    "diff.cells": "diff_runs",
    "diff.choices": "search_runs",
    "diff.open": "diff_view",
    "diff.read": "diff_runs",
    "experiments.list": "search_experiments",
    "models.list": "prediction_snippets",
    "note.read": "get_run",
    "reproduce.check": "unavailable_libraries",
    "reproduce.plan": "reproduction_plan",
    "reproduce.start": "reproduce",
    "revision.read": "restore_revision",
    "run.changes": "changes_since_previous",
    "run.children": "get_child_runs",
    "run.environment": "download_artifacts",
    "run.open": "run_view",
    "run.page": "run_url",
    "run.rename": "rename_run",
    "run.watch": "run_view",
    "runs.close": "close_runs",
    "runs.csv": "runs_to_csv",
    "runs.delete": "move_to_trash",
    "runs.group": "group_runs",
    "runs.purge": "purge_runs",
    "runs.rename": "rename_runs",
    "runs.restore": "take_from_trash",
    "runs.watch": "search_runs",
    "store.set": "set_tracking_uri",
    "tag.delete": "tag_runs",
    "tag.set": "tag_runs",
    "tags.delete": "tag_runs",
    "tags.set": "tag_runs",
}
"""The public name that does what a request does."""
README = Path(__file__).parents[1] / "README.md"


def test_every_request_of_the_panel_has_its_name_in_python() -> None:
    """R11.3: whoever adds a request says here how it is done without the panel."""
    assert set(FIELDS) == set(IN_PYTHON) | OF_PAGES | OF_JUPYTER


@pytest.mark.parametrize("name", sorted(set(IN_PYTHON.values())))
def test_the_name_is_public(name: str) -> None:
    """R11.3"""
    first, _, method = name.partition(".")
    assert first in trackside.__all__
    assert callable(getattr(getattr(trackside, first), method) if method else getattr(trackside, first))


def test_the_readme_names_it() -> None:
    """R11.3"""
    section = README.read_text(encoding="utf-8").split("## From Python")[1].split("\n## ")[0]
    assert [name for name in sorted(set(IN_PYTHON.values())) if f"`{name}" not in section] == []
