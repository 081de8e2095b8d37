"""The names of the tags that Trackside sets on runs and experiments."""

from __future__ import annotations

USER = "mlflow.user"
RUN_NAME = "mlflow.runName"
NOTE = "mlflow.note.content"
PARENT_RUN_ID = "mlflow.parentRunId"
SOURCE_NAME = "mlflow.source.name"
SOURCE_TYPE = "mlflow.source.type"
GIT_COMMIT = "mlflow.source.git.commit"
GIT_BRANCH = "mlflow.source.git.branch"
GIT_REMOTE = "mlflow.source.git.repoURL"
LOGGED_ARTIFACTS = "mlflow.loggedArtifacts"
MODEL_HISTORY = "mlflow.log-model.history"
LOGGED_IMAGES = "mlflow.loggedImages"
EXPERIMENT_TYPE = "mlflow.experimentType"
EXPERIMENT_SOURCE_NAME = "mlflow.experiment.sourceName"

NOTEBOOK_ID = "trackside.notebook.id"
NOTEBOOK_PATH = "trackside.notebook.path"
KERNEL_ID = "trackside.kernel.id"
REVISION_SHA256 = "trackside.revision.sha256"
REVISION_PATH = "trackside.revision.path"
EXECUTIONS = "trackside.executions"
"""Which of the kernel's executions the run went on in: ``3``, or ``3-5`` where it spans several cells."""
MODULES_SHA256 = "trackside.modules.sha256"
GIT_DIRTY = "trackside.git.dirty"
MODULES_LEFT_OUT = "trackside.modules.left_out"
"""How many local modules are not kept: they are too large, too many, or cannot be read."""
ATTACHMENTS_LEFT_OUT = "trackside.revision.attachments_left_out"
"""How many attachments the revision does not have, because all together are too large."""
GIT_PATCH_CUT = "trackside.git.patch_cut"
"""``true`` where the patch does not have all changes."""
ENVIRONMENT_SHA256 = "trackside.environment.sha256"
ERROR_TYPE = "trackside.error.type"
ERROR_MESSAGE = "trackside.error.message"
STARRED = "trackside.starred"
REPRODUCES = "trackside.reproduces"
"""Id of the run that this one repeats."""
REPRODUCTION = "trackside.reproduction"
"""The same for all runs that were logged while a clone was verified."""
REPRODUCTION_VERDICT = "trackside.reproduction.verdict"
INPUT = "trackside.input."
"""Followed by the name of a file or folder that the run read."""
SEEDS = "trackside.seeds"
CAPTURE_ERROR = "trackside.capture.error"

MAX_TAG_VALUE = 8000


def is_system(key: str) -> bool:
    """Whether a tag is MLflow's or ours, and not one that people set."""
    return key.startswith(("mlflow.", "trackside."))
