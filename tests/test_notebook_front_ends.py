"""The same notebook in every front end: its run keeps what was executed, and the local modules that were imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.stores.base import RunQuery
from trackside.stores.sqlite import SqliteStore
from trackside.tracking.revisions import fetch_revision

from .kernels import start_ready
from .notebook_kernels import (
    TIMEOUT_S,
    Kernel,
    clean_environment,
    order_of,
    run_program,
    running_server,
    served_kernel,
    write_notebook,
)

if TYPE_CHECKING:
    from trackside.entities import Run

CELLS = (
    "%load_ext trackside",
    "import sys, trackside\nsys.path.append('../shared')\nimport lib.features\ntrackside.start_run(run_name='spans')",
    "from lib.models import linear\nimport other\ntrackside.log_metric('score', linear.fit(other.FACTOR))",
    "trackside.end_run()",
)
MODULES = {
    "study/lib/__init__.py": "",
    "study/lib/features.py": "def scale(x):\n    return 2 * x\n",
    "study/lib/models/__init__.py": "",
    "study/lib/models/linear.py": "from ..features import scale\n\n\ndef fit(x):\n    return scale(x)\n",
    "shared/other.py": "FACTOR = 21\n",
}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = clean_environment(tmp_path, monkeypatch)
    del found["TRACKSIDE_DISABLED"]
    return {**found, "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db"}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for path, text in MODULES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return write_notebook(tmp_path / "study" / "work.ipynb", *CELLS)


@pytest.fixture
def kernel(environment: dict[str, str], work: Path) -> Iterator[Kernel]:
    started = Kernel(*start_ready(cwd=str(work.parent), env=environment))
    yield started
    started.stop()


def require_complete(root: Path) -> Run:
    """The only run, of which everything was kept."""
    store = SqliteStore(root / "mlflow.db")
    try:
        found = [store.search_runs(RunQuery((one.experiment_id,))).items for one in store.list_experiments()]
        (run,) = (run for runs in found for run in runs)
        artifacts, tags = store.artifacts(run.info.run_id), run.data.tags
        manifest = json.loads(artifacts.read_bytes("notebook/modules.json"))
        kept = {entry["path"]: entry["content"] for entry in manifest["modules"]}
        assert kept == dict.fromkeys((path.partition("/")[2] for path in MODULES), "kept")
        assert artifacts.read_bytes("notebook/modules/other.py") == b"FACTOR = 21\n"
        assert len(tags["trackside.modules.sha256"]) == 64
        assert (run.data.metrics, tags["trackside.executions"]) == ({"score": 42.0}, "2-4")
        ran = [entry for entry in order_of(fetch_revision(store, run)) if entry[1]]
        assert ran == [(source.partition("\n")[0], [number]) for number, source in enumerate(CELLS, 1)]
        return run
    finally:
        store.close()


def test_jupyter_execute(environment: dict[str, str], work: Path, tmp_path: Path) -> None:
    """R1.10, R1.11: packages, relative imports, a folder on the path, modules of later cells."""
    run_program(environment, tmp_path, "jupyter", "execute", "study/work.ipynb", "--inplace")
    assert require_complete(tmp_path).data.tags["mlflow.source.name"] == "study/work.ipynb"


def test_papermill(environment: dict[str, str], work: Path, tmp_path: Path) -> None:
    run_program(environment, work.parent, "papermill", "work.ipynb", "done.ipynb")
    assert require_complete(tmp_path).data.tags["mlflow.source.name"] == "work.ipynb"


def test_vs_code(kernel: Kernel, work: Path, tmp_path: Path) -> None:
    """By the variable that its notebooks set; the file is saved without what was just typed."""
    kernel.run(f"__vsc_ipynb_file__ = {str(work)!r}")
    kernel.client.session.session = "vscode"
    for number, source in enumerate(CELLS):
        kernel.run(source, f"vscode-notebook-cell:/work.ipynb#W{number}sZmlsZQ%3D%3D")
    store = SqliteStore(tmp_path / "mlflow.db")
    (experiment,) = (one for one in store.list_experiments() if one.experiment_id != "0")
    (run,) = store.search_runs(RunQuery((experiment.experiment_id,))).items
    assert run.data.tags["trackside.executions"] == "3-5"
    assert len(json.loads(store.artifacts(run.info.run_id).read_bytes("notebook/modules.json"))["modules"]) == 5
    store.close()


@pytest.mark.server
def test_a_jupyter_server(environment: dict[str, str], work: Path, tmp_path: Path) -> None:
    """What JupyterLab and Notebook 7 start their kernels with, before any page has told of the notebook."""
    with running_server(environment, tmp_path) as ask:
        with served_kernel(ask, tmp_path, "study/work.ipynb") as (kernel_id, served):
            for number, source in enumerate(CELLS):
                served.run(source, f"cell-{number}")
        assert require_complete(tmp_path).data.tags["trackside.kernel.id"] == kernel_id


def test_plain_ipython(environment: dict[str, str], work: Path, tmp_path: Path) -> None:
    """Typed into a terminal, there is no notebook: its history is the revision, and its folder has the modules."""
    typed = "\n".join(f"exec({source!r})" if "\n" in source else source for source in CELLS)
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit"]
    variables = {**environment, "TERM": "dumb", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, input=typed + "\n", env=variables, cwd=work.parent, capture_output=True, timeout=TIMEOUT_S, text=True
    )
    store = SqliteStore(tmp_path / "mlflow.db")
    found = [store.search_runs(RunQuery((one.experiment_id,))).items for one in store.list_experiments()]
    (run,) = (run for runs in found for run in runs)
    assert run.data.metrics == {"score": 42.0}, done.stderr + done.stdout
    assert run.data.tags["trackside.executions"] == "2-4"
    assert fetch_revision(store, run).file_name == "notebook.ipynb"
    assert len(json.loads(store.artifacts(run.info.run_id).read_bytes("notebook/modules.json"))["modules"]) == 5
    store.close()
