"""Runs of the quickstart are reproduced on a machine where the environment that they had was removed."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
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
    from .server import JupyterServer

QUICKSTART = Path(__file__).parents[2] / "example_notebooks" / "quickstart.ipynb"
pytestmark = pytest.mark.server
LIBRARIES = ("scikit-learn", "matplotlib", "pandas")
RUN = "mlp 16 units, rate 0.003"


def write_quickstart(folder: Path, kernel: str) -> Path:
    """The quickstart, with less training; it opens on this kernel."""
    text = QUICKSTART.read_text(encoding="utf-8")
    assert "epochs=40" in text
    notebook = json.loads(text.replace("epochs=40", "epochs=2"))
    notebook["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    folder.mkdir(parents=True)
    path = folder / QUICKSTART.name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Original:
    """A run of the quickstart.

    Attributes:
        notebook: The quickstart that made it.
        uri: Where it lives.
    """

    notebook: Path
    uri: str

    @property
    def run_id(self) -> str:
        store = open_store(self.uri)
        experiments = tuple(experiment.experiment_id for experiment in store.list_experiments())
        found = [run for run in store.search_runs(RunQuery(experiments)) if run.info.run_name == RUN]
        return min(found, key=lambda run: run.info.start_time or 0).info.run_id


@pytest.fixture(scope="module")
def originals(
    server: JupyterServer, running_mlflow_server: MlflowServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Original]:
    """By where they live: runs whose environment was removed. The first one that is reproduced has it made anew."""
    running_mlflow_server.empty()
    of_server = {"MLFLOW_TRACKING_URI": running_mlflow_server.url}
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernels.add_kernel(server.data, "of-server", "Of the server", command, **of_server)
    root = server.root / "quickstarts"
    file, remote = write_quickstart(root / "file", "python3"), write_quickstart(root / "server", "of-server")
    venv = add_environment(server, tmp_path_factory.mktemp("quickstart"), "first", *LIBRARIES)
    words = ("jupyter", "execute", "--kernel_name=first", QUICKSTART.name)
    require_success(start(file.parent, server, *words), start(remote.parent, server, *words, **of_server))
    remove_environment(server, venv)
    return {
        "file": Original(file, f"sqlite:///{file.parent / 'mlflow.db'}"),
        "server": Original(remote, running_mlflow_server.url),
    }


def begin(lab: Lab, run_id: str) -> Locator:
    """Have the sidebar reproduce and verify a run, once the dialog has told what it is to run in."""
    lab.open(QUICKSTART.name)
    panel = lab.open_panel()
    panel.wait_for_widget()
    dialog = ask_for_run(panel, panel.widget.locator(f'.ts-run[data-run="{run_id}"]'))
    expect(dialog).to_contain_text(re.compile("is not there any more|is there from before"))
    dialog.get_by_label("Verify").check()
    confirm(dialog)
    return dialog


def require_proof(lab: Lab, dialog: Locator) -> None:
    """Wait for the report, and open the clone."""
    expect(dialog.get_by_role("region")).to_contain_text("The results are the same", timeout=INSTALL_MS)
    expect(dialog.locator('tr[data-same="true"]')).to_have_count(6)
    dialog.get_by_role("button", name="Open the clone").click()
    wait_for_clone(lab, f"quickstart-mlp-16-units,-rate-0.003/{QUICKSTART.name}")
    assert kernel_in_front(lab).startswith("trackside-")


@pytest.mark.parametrize("place", ["file", "server"])
def test_a_run_of_the_quickstart_is_reproduced_without_the_environment_it_had(
    place: str, originals: dict[str, Original], lab: Lab
) -> None:
    """R7.2, R7.3, R7.4: from the sidebar and from the command line, out of a SQLite file and out of a server."""
    original = originals[place]
    lab.folder = original.notebook.parent
    run_id = original.run_id
    dialog = begin(lab, run_id)
    options = ("--uri", original.uri, "--to", "by-hand", "--verify", "--yes")
    by_hand = start(lab.folder, lab.server, "trackside", "reproduce", run_id, *options)
    require_proof(lab, dialog)
    require_success(by_hand)
    assert (lab.folder / "by-hand" / QUICKSTART.name).is_file()
    assert len(list(lab.server.data.glob("kernels/trackside-*"))) == len(environments_of(lab.server))
