"""From a revision back to a notebook that people work with. ``js/src/lab/restore-plan.ts`` does it to an open one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackside.notebook.cell_matching import match_cells
from trackside.notebook.content import id_in
from trackside.notebook.difference import Cell, read_cells, same_attachments

_OURS = "trackside"
_OF_OUTPUTS = {"widgets", "signature"}
"""What a notebook's metadata says of its outputs; a front end runs the code of widgets when it opens them."""


def restored(revision: Mapping[str, Any], current: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The revision as a notebook, without what only tells of its execution.

    Args:
        revision: The revision's notebook, in nbformat 4.
        current: The notebook in whose place it comes, if there is one: its metadata stays, and the cells that are the
            same in both stay as they are, with their outputs.
    """
    kept = _unchanged(revision, current) if current else {}
    cells = [kept.get(position) or _plain(cell) for position, cell in enumerate(revision["cells"])]
    metadata = current.get("metadata", {}) if current else _notebook_metadata(revision["metadata"])
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def _unchanged(revision: Mapping[str, Any], current: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """The current notebook's cells that are as the revision has them, by their position there."""
    wanted, known = read_cells(revision), read_cells(current)
    return {
        match.before: {**current["cells"][match.after], "id": revision["cells"][match.before]["id"]}
        for match in match_cells(wanted, known)
        if _is_same(wanted[match.before], known[match.after])
    }


def _is_same(wanted: Cell, known: Cell) -> bool:
    parts = ("cell_type", "source", "metadata")
    return same_attachments(wanted, known) and all(wanted[part] == known[part] for part in parts)


def _plain(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The cell as one that was never run."""
    plain = {**cell, "metadata": _without_ours(cell["metadata"])}
    return {**plain, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else plain


def _notebook_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """With the notebook's id, by which its runs are found again where the notebook itself is gone."""
    notebook_id = id_in(metadata)
    kept = {key: value for key, value in _without_ours(metadata).items() if key not in _OF_OUTPUTS}
    return kept | ({_OURS: {"id": notebook_id}} if notebook_id else {})


def _without_ours(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != _OURS}
