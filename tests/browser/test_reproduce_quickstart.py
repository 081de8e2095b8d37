"""Runs of the quickstart are reproduced on a machine where the environment that they had was removed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from trackside.stores.base import RunQuery
from trackside.stores.uri import open_store

from . import kernels
from .reproducing import (
    INSTALL_MS,
    add_environment,
    ask_for_run,
    confirm,
    environments_of,
    kernel_in_front,
    remove_environment,
    require_success,
    start,
    wait_for_clone,
)

if TYPE_CHECKING:
    from ..servers import MlflowServer
    from .lab import Lab

QUICKSTART = Path(__file__).parents[2] / "example_notebooks" / "quickstart.ipynb"
LIBRARIES = ("scikit-learn", "matplotlib", "pandas")
RUN = "mlp 16 units, rate 0.003"


def write_quickstart(folder: Path, kernel: str) -> Path:
    """The quickstart, with less training; it opens on this kernel."""
    text = QUICKSTART.read_text(encoding="utf-8")
    assert "epochs=40" in text
    notebook = json.loads(text.replace("epochs=40", "epochs=2"))
    notebook["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    folder.mkdir()
    path = folder / QUICKSTART.name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def find_run(uri: str) -> str:
    """The id of the run that is reproduced."""
    store = open_store(uri)
    experiments = tuple(experiment.experiment_id for experiment in store.list_experiments())
    (run_id,) = [run.info.run_id for run in store.search_runs(RunQuery(experiments)) if run.info.run_name == RUN]
    return run_id


def begin(lab: Lab, notebook: Path, run_id: str, told: str) -> Locator:
    """Have the sidebar reproduce and verify a run, once the dialog has told what it is to run in."""
    lab.open(notebook.relative_to(lab.folder).as_posix())
    panel = lab.open_panel()
    panel.wait_for_widget()
    dialog = ask_for_run(panel, panel.widget.locator(f'.ts-run[data-run="{run_id}"]'))
    expect(dialog).to_contain_text(told)
    dialog.get_by_label("Verify").check()
    confirm(dialog)
    return dialog


def require_proof(lab: Lab, notebook: Path, dialog: Locator) -> None:
    """Wait for the report, and open the clone."""
    expect(dialog.get_by_role("region")).to_contain_text("The results are the same", timeout=INSTALL_MS)
    expect(dialog.locator('tr[data-same="true"]')).to_have_count(6)
    dialog.get_by_role("button", name="Open the clone").click()
    wait_for_clone(lab, f"{notebook.parent.name}/quickstart-mlp-16-units,-rate-0.003/{notebook.name}")
    assert kernel_in_front(lab).startswith("trackside-")


@pytest.mark.server
def test_a_run_of_the_quickstart_is_reproduced_without_the_environment_it_had(
    lab: Lab, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    """R7.2, R7.3, R7.4: from the sidebar and from the command line, out of a SQLite file and out of a server."""
    of_server = {"MLFLOW_TRACKING_URI": mlflow_server.url}
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernels.add_kernel(lab.server.data, "of-server", "Of the server", command, **of_server)
    here, there = write_quickstart(lab.folder / "file", "python3"), write_quickstart(lab.folder / "server", "of-server")
    venv = add_environment(lab.server, tmp_path, "first", *LIBRARIES)
    words = ("jupyter", "execute", "--kernel_name=first", QUICKSTART.name)
    require_success(
        start(here.parent, lab.server, *words),
        start(there.parent, lab.server, *words, **of_server),
    )
    remove_environment(lab.server, venv)

    file = f"sqlite:///{here.parent / 'mlflow.db'}"
    stores = ((here, file, "is not there any more"), (there, mlflow_server.url, "is there from before"))
    for notebook, uri, told in stores:
        run_id = find_run(uri)
        dialog = begin(lab, notebook, run_id, told)
        options = ("--uri", uri, "--to", "by-hand", "--verify", "--yes")
        by_hand = start(notebook.parent, lab.server, "trackside", "reproduce", run_id, *options)
        require_proof(lab, notebook, dialog)
        require_success(by_hand)
        assert (notebook.parent / "by-hand" / notebook.name).is_file()
    assert len(environments_of(lab.server)) == 1
