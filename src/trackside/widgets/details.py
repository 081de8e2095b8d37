"""All that an unfolded run shows, with the curves of its metrics."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from trackside.notebook.pages import pages_of
from trackside.tracking import tag_names
from trackside.tracking.left_out import read_left_out
from trackside.widgets.curves import Curve, renewed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trackside.entities import Metric, Run
    from trackside.stores.base import Store
    from trackside.widgets.bridge import Buffers

MAX_TEXT = 2000
"""Letters of what is told of the source; what stores allow may be more, and is no name of anything."""
_ENTRY_POINT = "mlflow.project.entryPoint"


class DetailReader:
    """Reads run details and remembers curves, so that a history is read again only when its metric moved."""

    def __init__(self) -> None:
        self._curves: dict[tuple[str, str, str], Curve] = {}

    def read(self, store: Store, runs: Sequence[Run], buffers: Buffers) -> list[dict[str, Any]]:
        """A ``RunDetail`` for each run; curves of runs that are not asked for any more are forgotten."""
        known, self._curves = self._curves, {}
        return [self._detail(store, run, buffers, known) for run in runs]

    def _detail(
        self, store: Store, run: Run, buffers: Buffers, known: dict[tuple[str, str, str], Curve]
    ) -> dict[str, Any]:
        metrics = []
        for latest in run.data.latest.values():
            key = (store.uri, run.info.run_id, latest.key)
            curve = self._curves[key] = renewed(known.get(key), store, run.info.run_id, latest)
            metrics.append(_metric(latest, curve, buffers))
        values = buffers.add_float64(latest.value for latest in run.data.latest.values())
        tags = run.data.tags
        return {
            "run_id": run.info.run_id,
            "params": _pairs(run.data.params.items()),
            "metrics": metrics,
            "metric_values": values,
            "tags": _pairs(sorted(item for item in tags.items() if not tag_names.is_system(item[0]))),
            "system_tags": _pairs(sorted(item for item in tags.items() if tag_names.is_system(item[0]))),
            "note": tags.get(tag_names.NOTE, ""),
            "source": _source(run),
            "error": _error(run),
            "artifact_uri": run.info.artifact_uri,
        }


def _metric(latest: Metric, curve: Curve, buffers: Buffers) -> dict[str, Any]:
    drawn = None
    if len(curve.values) > 1:
        drawn = {"steps": buffers.add_float64(curve.steps), "values": buffers.add_float64(curve.values)}
    return {
        "key": latest.key,
        "step": latest.step,
        "timestamp": latest.timestamp,
        "points": curve.points,
        "curve": drawn,
    }


def _pairs(items: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in items]


def _source(run: Run) -> dict[str, Any]:
    tags = {key: value[:MAX_TEXT] for key, value in run.data.tags.items()}
    dirty = tags.get(tag_names.GIT_DIRTY)
    commit = tags.get(tag_names.GIT_COMMIT, "")
    pages = pages_of(tags.get(tag_names.GIT_REMOTE, ""))
    return {
        "name": tags.get(tag_names.SOURCE_NAME, ""),
        "type": tags.get(tag_names.SOURCE_TYPE, ""),
        "entry_point": tags.get(_ENTRY_POINT, ""),
        "git_commit": commit,
        "git_branch": tags.get(tag_names.GIT_BRANCH, ""),
        "git_remote": tags.get(tag_names.GIT_REMOTE, ""),
        "git_dirty": None if dirty is None else dirty == "true",
        "revision": tags.get(tag_names.REVISION_SHA256, ""),
        "left_out": asdict(read_left_out(tags)),
        "commit_page": pages.commit(commit) if pages else "",
        "project_page": pages.main_branch if pages else "",
    }


def _error(run: Run) -> dict[str, str] | None:
    tags = run.data.tags
    if tag_names.ERROR_TYPE not in tags:
        return None
    return {"type": tags[tag_names.ERROR_TYPE][:MAX_TEXT], "message": tags.get(tag_names.ERROR_MESSAGE, "")}
