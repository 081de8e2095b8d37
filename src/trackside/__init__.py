"""Trackside puts every experiment run beside the notebook that made it.

The names are MLflow's where MLflow has them::

    import trackside

    with trackside.start_run():
        trackside.log_param("depth", 5)
        trackside.log_metric("accuracy", 0.93)

Importing the package costs next to nothing: each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside.entities import (
        Experiment,
        LifecycleStage,
        Metric,
        Param,
        Run,
        RunData,
        RunInfo,
        RunStatus,
        SourceType,
        Tag,
    )
    from trackside.errors import TracksideError
    from trackside.reproducing.api import reproduce, reproduction_plan, unavailable_libraries
    from trackside.reproducing.environments import list_environments, remove_environment
    from trackside.reproducing.installers import InstallError
    from trackside.reproducing.plan import Plan
    from trackside.reproducing.reproduction import Reproduction
    from trackside.reproducing.verify import Verification
    from trackside.tracking.changes import RunChanges, changes_since_previous
    from trackside.tracking.commits import commit_changes
    from trackside.tracking.deleting import (
        PurgeReport,
        delete_run,
        delete_runs,
        purge,
        restore_run,
        restore_runs,
    )
    from trackside.tracking.differences import RunDifference, diff_runs
    from trackside.tracking.experiments import (
        create_experiment,
        delete_experiment,
        delete_experiment_tag,
        get_experiment,
        get_experiment_by_name,
        notebook_experiment,
        rename_experiment,
        restore_experiment,
        search_experiments,
        set_experiment_tag,
        set_experiment_tags,
    )
    from trackside.tracking.exporting import runs_to_csv
    from trackside.tracking.files import (
        get_artifact_uri,
        log_artifact,
        log_artifacts,
        log_dict,
        log_figure,
        log_image,
        log_stream,
        log_table,
        log_text,
    )
    from trackside.tracking.fluent import (
        active_run,
        delete_tag,
        end_run,
        flush,
        get_parent_run,
        get_run,
        last_active_run,
        log_metric,
        log_metrics,
        log_param,
        log_params,
        rename_run,
        set_note,
        set_tag,
        set_tags,
        start_run,
    )
    from trackside.tracking.grouping import RunGroup, Spread, group_runs
    from trackside.tracking.inputs import DataInput, log_input
    from trackside.tracking.neighbours import previous_run
    from trackside.tracking.pages import run_url
    from trackside.tracking.prediction import PredictionSnippet, prediction_snippets
    from trackside.tracking.reading import (
        download_artifacts,
        get_child_runs,
        get_metric_history,
        list_artifacts,
    )
    from trackside.tracking.revisions import restore_revision
    from trackside.tracking.run import ActiveRun
    from trackside.tracking.searching import ViewType, search_runs
    from trackside.tracking.session import get_tracking_uri, set_experiment, set_tracking_uri
    from trackside.tracking.several import (
        ActionReport,
        close_runs,
        move_to_trash,
        purge_runs,
        rename_runs,
        star_runs,
        tag_runs,
        take_from_trash,
    )
    from trackside.tracking.syncing import SyncReport, sync
    from trackside.widgets.compare import Comparison, compare
    from trackside.widgets.diff_view import diff_view
    from trackside.widgets.run_view import run_view
    from trackside.widgets.sidebar import sidebar

__version__ = "0.1.0"

_HOMES = {
    "entities": (
        "Experiment",
        "LifecycleStage",
        "Metric",
        "Param",
        "Run",
        "RunData",
        "RunInfo",
        "RunStatus",
        "SourceType",
        "Tag",
    ),
    "errors": ("TracksideError",),
    "reproducing.api": ("reproduce", "reproduction_plan", "unavailable_libraries"),
    "reproducing.environments": ("list_environments", "remove_environment"),
    "reproducing.installers": ("InstallError",),
    "reproducing.plan": ("Plan",),
    "reproducing.reproduction": ("Reproduction",),
    "reproducing.verify": ("Verification",),
    "tracking.changes": ("RunChanges", "changes_since_previous"),
    "tracking.commits": ("commit_changes",),
    "tracking.deleting": ("PurgeReport", "delete_run", "delete_runs", "purge", "restore_run", "restore_runs"),
    "tracking.differences": ("RunDifference", "diff_runs"),
    "tracking.experiments": (
        "create_experiment",
        "delete_experiment",
        "delete_experiment_tag",
        "get_experiment",
        "get_experiment_by_name",
        "notebook_experiment",
        "rename_experiment",
        "restore_experiment",
        "search_experiments",
        "set_experiment_tag",
        "set_experiment_tags",
    ),
    "tracking.exporting": ("runs_to_csv",),
    "tracking.files": (
        "get_artifact_uri",
        "log_artifact",
        "log_artifacts",
        "log_dict",
        "log_figure",
        "log_image",
        "log_stream",
        "log_table",
        "log_text",
    ),
    "tracking.fluent": (
        "active_run",
        "delete_tag",
        "end_run",
        "flush",
        "get_parent_run",
        "get_run",
        "last_active_run",
        "log_metric",
        "log_metrics",
        "log_param",
        "log_params",
        "rename_run",
        "set_note",
        "set_tag",
        "set_tags",
        "start_run",
    ),
    "tracking.grouping": ("RunGroup", "Spread", "group_runs"),
    "tracking.inputs": ("DataInput", "log_input"),
    "tracking.neighbours": ("previous_run",),
    "tracking.pages": ("run_url",),
    "tracking.prediction": ("PredictionSnippet", "prediction_snippets"),
    "tracking.reading": ("download_artifacts", "get_child_runs", "get_metric_history", "list_artifacts"),
    "tracking.revisions": ("restore_revision",),
    "tracking.run": ("ActiveRun",),
    "tracking.searching": ("ViewType", "search_runs"),
    "tracking.session": ("get_tracking_uri", "set_experiment", "set_tracking_uri"),
    "tracking.several": (
        "ActionReport",
        "close_runs",
        "move_to_trash",
        "purge_runs",
        "rename_runs",
        "star_runs",
        "tag_runs",
        "take_from_trash",
    ),
    "tracking.syncing": ("SyncReport", "sync"),
    "widgets.compare": ("Comparison", "compare"),
    "widgets.diff_view": ("diff_view",),
    "widgets.run_view": ("run_view",),
    "widgets.sidebar": ("sidebar",),
}
"""The module in which each public name lives. Type checkers read the imports above; a test holds both together."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext trackside``: the magics, and in a kernel the sidebar. Kernels do it by themselves when they start."""
    from trackside import extension

    extension.load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """``%unload_ext trackside``: takes everything back that loading did."""
    from trackside import extension

    extension.unload(ipython)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """What ``jupyter labextension develop`` links, so that a rebuilt front end is there at once."""
    return [{"src": "labextension", "dest": "trackside"}]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'trackside' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"trackside.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "ActionReport",
    "ActiveRun",
    "Comparison",
    "DataInput",
    "Experiment",
    "InstallError",
    "LifecycleStage",
    "Metric",
    "Param",
    "Plan",
    "PredictionSnippet",
    "PurgeReport",
    "Reproduction",
    "Run",
    "RunChanges",
    "RunData",
    "RunDifference",
    "RunGroup",
    "RunInfo",
    "RunStatus",
    "SourceType",
    "Spread",
    "SyncReport",
    "Tag",
    "TracksideError",
    "Verification",
    "ViewType",
    "__version__",
    "active_run",
    "changes_since_previous",
    "close_runs",
    "commit_changes",
    "compare",
    "create_experiment",
    "delete_experiment",
    "delete_experiment_tag",
    "delete_run",
    "delete_runs",
    "delete_tag",
    "diff_runs",
    "diff_view",
    "download_artifacts",
    "end_run",
    "flush",
    "get_artifact_uri",
    "get_child_runs",
    "get_experiment",
    "get_experiment_by_name",
    "get_metric_history",
    "get_parent_run",
    "get_run",
    "get_tracking_uri",
    "group_runs",
    "last_active_run",
    "list_artifacts",
    "list_environments",
    "load_ipython_extension",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_stream",
    "log_table",
    "log_text",
    "move_to_trash",
    "notebook_experiment",
    "prediction_snippets",
    "previous_run",
    "purge",
    "purge_runs",
    "remove_environment",
    "rename_experiment",
    "rename_run",
    "rename_runs",
    "reproduce",
    "reproduction_plan",
    "restore_experiment",
    "restore_revision",
    "restore_run",
    "restore_runs",
    "run_url",
    "run_view",
    "runs_to_csv",
    "search_experiments",
    "search_runs",
    "set_experiment",
    "set_experiment_tag",
    "set_experiment_tags",
    "set_note",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "sidebar",
    "star_runs",
    "start_run",
    "sync",
    "tag_runs",
    "take_from_trash",
    "unavailable_libraries",
    "unload_ipython_extension",
]
