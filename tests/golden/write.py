"""What each golden database holds, written through the client that all releases of MLflow have in common.

Runs inside the environment of one release, under Python 3.7 or later; `make.py` calls it.
"""

import math
from pathlib import Path

import mlflow
from mlflow.tracking import MlflowClient

VERSION = tuple(int(part) for part in mlflow.__version__.split(".")[:2])
START = 1_600_000_000_000


def new_run(client, experiment_id, number, name, **tags):
    """A run that started ``number`` minutes after START."""
    run = client.create_run(
        experiment_id,
        start_time=START + number * 60_000,
        tags=dict(tags, **{"mlflow.runName": name, "mlflow.user": "ada"}),
    )
    return run.info.run_id


def write_full(client, run_id):
    """A run with everything that a run can have."""
    for key, value in (("lr", "0.1"), ("text", "<b>'quoted' \"text\"</b>\nünï 🚀"), ("long", "x" * 250)):
        client.log_param(run_id, key, value)
    for step in range(5):
        client.log_metric(run_id, "loss", 1.0 / (step + 1), timestamp=START + step * 1000, step=step)
    client.log_metric(run_id, "loss", 9.0, timestamp=START + 9000, step=2)
    if VERSION >= (1, 4):
        client.log_metric(run_id, "largest", math.inf, timestamp=START, step=0)
        client.log_metric(run_id, "least", -math.inf, timestamp=START, step=0)
        client.log_metric(run_id, "undefined", 1.0, timestamp=START, step=0)
        client.log_metric(run_id, "undefined", math.nan, timestamp=START, step=1)
    client.set_tag(run_id, "mlflow.note.content", "# A note")
    notes = Path("notes.txt")
    notes.write_text("kept")
    client.log_artifact(run_id, str(notes), "texts")
    notes.unlink()


def main():
    """Write the database `mlflow.db` and the artifacts in the working directory."""
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    client = MlflowClient()
    experiment_id = client.create_experiment("wine")
    if VERSION >= (1, 4):
        client.set_experiment_tag(experiment_id, "team", "red")
    full = new_run(client, experiment_id, 0, "full", kind="first")
    write_full(client, full)
    client.set_terminated(full, "FINISHED", START + 30_000)
    child = new_run(client, experiment_id, 1, "child", **{"mlflow.parentRunId": full})
    client.set_terminated(child, "FAILED", START + 61_000)
    if VERSION >= (1, 10):
        killed = new_run(client, experiment_id, 2, "killed")
        client.set_terminated(killed, "KILLED", START + 121_000)
    client.delete_run(new_run(client, experiment_id, 3, "deleted"))
    running = new_run(client, experiment_id, 4, "running")
    client.log_metric(running, "loss", 0.5, timestamp=START, step=0)
    client.delete_experiment(client.create_experiment("old"))


main()
