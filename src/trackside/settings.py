"""Every environment variable that Trackside reads: its name, its default, what it means.

Variables whose name starts with ``MLFLOW_`` are MLflow's and mean what they mean there. All are read when
they are needed, never at import, because notebooks change them while they run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    meaning: str
    default: str = ""

    def read(self) -> str:
        """The variable's text, or the default where it is unset or empty."""
        return os.environ.get(self.name) or self.default

    def is_on(self) -> bool:
        """Whether the variable says yes: ``1``, ``true``, ``yes`` or ``on``, in any case."""
        return self.read().strip().lower() in {"1", "true", "yes", "on"}


TRACKING_URI = Setting("MLFLOW_TRACKING_URI", "where runs live; default: sqlite:///mlflow.db in the working directory")
EXPERIMENT_NAME = Setting("MLFLOW_EXPERIMENT_NAME", "name of the experiment that runs go to")
EXPERIMENT_ID = Setting(
    "MLFLOW_EXPERIMENT_ID", "id of the experiment that runs go to; the name wins where both are set"
)
RUN_ID = Setting("MLFLOW_RUN_ID", "id of an existing run that start_run() continues; set by `mlflow run`")
RUN_CONTEXT = Setting("MLFLOW_RUN_CONTEXT", "JSON object of tags for each new run")
USERNAME = Setting("MLFLOW_TRACKING_USERNAME", "user recorded on runs; default: the account that runs the process")
NOTEBOOK = Setting("TRACKSIDE_NOTEBOOK", "path of the notebook that this kernel runs, where nothing else tells it")
DISABLED = Setting("TRACKSIDE_DISABLED", "1: do not load Trackside when a kernel starts")

ALL = (TRACKING_URI, EXPERIMENT_NAME, EXPERIMENT_ID, RUN_ID, RUN_CONTEXT, USERNAME, NOTEBOOK, DISABLED)
