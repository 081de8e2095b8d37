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
USERNAME = Setting(
    "MLFLOW_TRACKING_USERNAME",
    "user recorded on runs, default: the account that runs the process; with a password also the login of the server",
)
PASSWORD = Setting("MLFLOW_TRACKING_PASSWORD", "password for a server; user and password win over a token")
TOKEN = Setting("MLFLOW_TRACKING_TOKEN", "bearer token for a server")
INSECURE_TLS = Setting("MLFLOW_TRACKING_INSECURE_TLS", "1: do not check the certificate of a server")
SERVER_CERT_PATH = Setting("MLFLOW_TRACKING_SERVER_CERT_PATH", "PEM file of the authorities that vouch for servers")
CLIENT_CERT_PATH = Setting("MLFLOW_TRACKING_CLIENT_CERT_PATH", "PEM file with the client's certificate and key")
WORKSPACE = Setting("MLFLOW_WORKSPACE", "workspace of a server that has several; default: the server's default")
HTTP_MAX_RETRIES = Setting(
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "how often a request that failed is sent again; MLflow's default is 7", "3"
)
HTTP_BACKOFF_FACTOR = Setting(
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR",
    "seconds before a request is sent again, doubled each time; MLflow's default is 2",
    "0.5",
)
HTTP_BACKOFF_JITTER = Setting(
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "at most so many seconds, chosen at random, are added to that", "0.5"
)
HTTP_TIMEOUT = Setting(
    "MLFLOW_HTTP_REQUEST_TIMEOUT", "seconds that a server may stay silent; MLflow's default is 120", "60"
)
HTTP_RESPECT_RETRY_AFTER = Setting(
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "0: do not wait as long as a busy server asks for", "1"
)
ARTIFACT_HOSTS = Setting(
    "TRACKSIDE_ARTIFACT_HOSTS",
    "artifact servers beside the tracking server that get its credentials: host or host:port, separated by commas",
)
S3_ENDPOINT = Setting("MLFLOW_S3_ENDPOINT_URL", "address of an S3 that is not Amazon's")
NOTEBOOK = Setting("TRACKSIDE_NOTEBOOK", "path of the notebook that this kernel runs, where nothing else tells it")
JOURNAL_DIR = Setting(
    "TRACKSIDE_JOURNAL_DIR",
    "folder on a local disk that keeps what was logged until the store has it; default: the user's state folder",
)
OUTBOX_LIMIT = Setting(
    "TRACKSIDE_OUTBOX_LIMIT",
    "megabytes that one process may keep for a store that is away; what is more is refused at the call",
    "10000",
)
ENVIRONMENTS_DIR = Setting(
    "TRACKSIDE_ENVIRONMENTS_DIR",
    "folder of the environments that reproducing a run makes; default: the user's data folder",
)
DISABLED = Setting("TRACKSIDE_DISABLED", "1: do not load Trackside when a kernel starts")

ALL = (
    TRACKING_URI,
    EXPERIMENT_NAME,
    EXPERIMENT_ID,
    RUN_ID,
    RUN_CONTEXT,
    USERNAME,
    PASSWORD,
    TOKEN,
    INSECURE_TLS,
    SERVER_CERT_PATH,
    CLIENT_CERT_PATH,
    WORKSPACE,
    HTTP_MAX_RETRIES,
    HTTP_BACKOFF_FACTOR,
    HTTP_BACKOFF_JITTER,
    HTTP_TIMEOUT,
    HTTP_RESPECT_RETRY_AFTER,
    ARTIFACT_HOSTS,
    S3_ENDPOINT,
    NOTEBOOK,
    JOURNAL_DIR,
    OUTBOX_LIMIT,
    ENVIRONMENTS_DIR,
    DISABLED,
)

FOLDER_FILE = ".trackside.json"
"""What the folder of a clone says of itself: see ``trackside.tracking.folder_store``."""
