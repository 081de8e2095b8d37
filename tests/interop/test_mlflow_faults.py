"""What goes wrong in Trackside, in MLflow or in another plugin stays there."""

from __future__ import annotations

import os
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .mlflow_kernels import (
    SOURCE,
    Mlflow,
    install_plugins,
    install_trackside,
    newest_mlflow,
    start_mlflow_kernel,
    write_notebook,
)
from .runs import Runs

if TYPE_CHECKING:
    from ..kernels import Kernel
    from ..servers import MlflowServer

pytest.importorskip("mlflow")
pytestmark = pytest.mark.interop

MakeDatabase = Callable[[Mlflow, Path], None]
RUN = "with mlflow.start_run(run_name={name!r}):\n    mlflow.log_metric('loss', 1)"
FAULTS = {
    "the notebook session": "trackside.notebook.session.current",
    "the tags": "trackside.mlflow_plugin.context.tags",
    "the experiment": "trackside.mlflow_plugin.experiment.require_id",
    "the announcement": "trackside.mlflow_plugin.following.expect_run",
    "the search": "trackside.mlflow_plugin.followed._runs_since",
    "the capture": "trackside.tracking.capture.Capture.store_all",
    "the revision": "trackside.notebook.session.NotebookSession.capture_revision",
    "the environment": "trackside.notebook.environment.capture",
    "the end of the cell": "trackside.tracking.mlflow_loaded.innermost",
}
UNRULY = """
class Unruly:
    def in_context(self):
        return True
    def tags(self):
        raise RuntimeError("unruly tags")
    def get_experiment_id(self):
        raise RuntimeError("unruly experiment")
class Worse(Unruly):
    def in_context(self):
        raise RuntimeError("unruly context")
"""
SCRIPT = """
import json, sys, mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 1)
tags = mlflow.get_run(run.info.run_id).data.tags
modules = [name for name in sys.modules if name.startswith("trackside.")]
print(json.dumps({"experiment": run.info.experiment_id, "tags": sorted(tags), "modules": sorted(modules)}))
"""


@pytest.fixture(scope="module")
def kernel(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("faults")
    make_database(newest_mlflow(), folder)
    with start_mlflow_kernel(folder, dict(os.environ)) as started:
        started.run("import mlflow, importlib, io, sys, time")
        assert started.run(RUN.format(name="first")).status == "ok"
        yield started


def run_script(version: Mlflow, folder: Path, variables: dict[str, str], script: str = SCRIPT) -> str:
    environment = {**variables, **version.variables}
    command = [str(version.python), "-W", "ignore", "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Trackside" not in done.stderr
    return done.stdout


def test_a_run_that_ended_before_it_was_found_has_the_revision_of_its_end(kernel: Kernel) -> None:
    """R1.11: on a busy machine the thread in the background is cells behind; here it stands still."""
    standing_still = """
from trackside.mlflow_plugin.followed import FollowedRuns
gate, look = __import__("threading").Event(), FollowedRuns.look
FollowedRuns.look = lambda *arguments: (gate.wait(240), look(*arguments))
mlflow.start_run(run_name="overtaken");"""
    for cell in (standing_still, "between = 1", "mlflow.end_run()", RUN.format(name="later"), "gate.set()"):
        assert kernel.run(cell).status == "ok"
    answer = kernel.run("FollowedRuns.look = look\nimport os; print(os.getcwd())")
    runs = Runs(Path(answer.stdout.strip()) / "mlflow.db")
    runs.wait_until(lambda: "mlflow.end_run()" in runs.sources("overtaken"))
    assert runs.sources("overtaken")[-3:] == [standing_still, "between = 1", "mlflow.end_run()"]
    runs.close()


@pytest.mark.parametrize("fault", FAULTS, ids=list(FAULTS))
def test_a_fault_in_trackside_does_not_reach_the_call_of_mlflow(kernel: Kernel, fault: str) -> None:
    """Each thing that fails because of it is reported in one line, however often it happens."""
    place, _, name = FAULTS[fault].rpartition(".")
    module, _, owner = place.rpartition(".")
    of_class = owner[0].isupper()
    patch = f"""
place = importlib.import_module({module if of_class else place!r})
place = place.{owner} if {of_class} else place
whole = place.{name}
def broken(*arguments, **options):
    raise RuntimeError({fault!r})
place.{name} = broken
shown, sys.stderr = sys.stderr, io.StringIO()
"""
    assert kernel.run(patch).status == "ok"
    for number in range(2):
        answer = kernel.run(RUN.format(name=f"{fault} {number}"))
        assert answer.status == "ok", answer.error
    said, deadline = "", time.monotonic() + 240
    while fault not in said and time.monotonic() < deadline:
        said = kernel.run("time.sleep(0.1)\nprint(sys.stderr.getvalue())").stdout
    said = kernel.run(f"place.{name} = whole\nprint(sys.stderr.getvalue())\nsys.stderr = shown").stdout
    lines = said.split("\n")[:-2]
    assert lines
    assert len(lines) == len(set(lines))
    assert all(line.lower().startswith("trackside: ") and line.endswith(f"RuntimeError: {fault}") for line in lines)


def test_after_faults_runs_are_followed_again(kernel: Kernel) -> None:
    assert kernel.run(RUN.format(name="last")).status == "ok"
    answer = kernel.run("import os; print(os.getcwd())")
    runs = Runs(Path(answer.stdout.strip()) / "mlflow.db")
    runs.wait_until(lambda: "trackside.environment.sha256" in runs["last"].data.tags)
    assert runs.experiment_of("last").tags["mlflow.experimentType"] == "NOTEBOOK"
    runs.close()


def test_a_notebook_experiment_that_was_deleted_is_made_anew(kernel: Kernel) -> None:
    """In the cell that deletes it, what was looked up is believed for some seconds more; the next cell looks anew."""
    deleting = """
with mlflow.start_run() as before: pass
with mlflow.start_run() as again: pass
mlflow.delete_experiment(before.info.experiment_id)
"""
    starting = """
with mlflow.start_run() as after: pass
assert before.info.experiment_id == again.info.experiment_id != after.info.experiment_id != "0"
assert "trackside.notebook.id" in mlflow.get_experiment(after.info.experiment_id).tags
"""
    assert kernel.run(deleting).status == "ok"
    assert kernel.run(starting).status == "ok"


def test_a_script_is_as_without_trackside(version: Mlflow, make_database: MakeDatabase, tmp_path: Path) -> None:
    """R3.2: outside notebooks nothing changes, and nothing is loaded but the plugins themselves."""
    told = []
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
        make_database(version, tmp_path / name)
        variables = install_trackside(tmp_path / name / "i", dict(os.environ), installed=name == "with")
        told.append(run_script(version, tmp_path / name, variables))
    assert '"modules": ["trackside.mlflow_plugin"]' in told[0]
    assert told[0].replace('["trackside.mlflow_plugin"]', "[]") == told[1]
    assert '"experiment": "0"' in told[0]


def test_mlflow_can_be_imported_beside_a_trackside_of_which_nothing_else_works(
    version: Mlflow, make_database: MakeDatabase, tmp_path: Path
) -> None:
    """Everything that the plugins would load raises; what says that there is a notebook is there."""
    package = tmp_path / "i" / "site" / "trackside"
    make_database(version, tmp_path)
    variables = install_trackside(tmp_path / "i", dict(os.environ))
    (package / "mlflow_plugin").mkdir(parents=True)
    doors = (SOURCE / "trackside" / "mlflow_plugin" / "__init__.py").read_text()
    (package / "mlflow_plugin" / "__init__.py").write_text(doors)
    for name in ("context", "experiment", "following"):
        (package / "mlflow_plugin" / f"{name}.py").write_text("raise RuntimeError('broken')")
    (package / "__init__.py").touch()
    (package / "notebook").mkdir()
    (package / "notebook" / "__init__.py").touch()
    (package / "notebook" / "session.py").write_text("def current():\n    return object()")
    site = str(tmp_path / "i" / "site")
    script = "import trackside.notebook.session, io, sys\nsys.stderr = said = io.StringIO()\n" + SCRIPT
    script += "assert said.getvalue().count('MLflow goes on without it: RuntimeError: broken') == 3, said.getvalue()"
    told = run_script(version, tmp_path, {**variables, "PYTHONPATH": site}, script)
    assert '"experiment": "0"' in told


def test_a_plugin_of_somebody_else_that_raises_changes_nothing(
    version: Mlflow, make_database: MakeDatabase, tmp_path: Path
) -> None:
    make_database(version, tmp_path)
    site = tmp_path / ".installed" / "site"
    groups = ("mlflow.default_experiment_provider", "mlflow.run_context_provider")
    install_plugins(site, {group: {"unruly": "unruly:Unruly", "worse": "unruly:Worse"} for group in groups}, "aunruly")
    (site / "unruly.py").write_text(UNRULY)
    with start_mlflow_kernel(tmp_path, dict(os.environ), mlflow=version) as kernel:
        kernel.run("import mlflow")
        answer = kernel.run(RUN.format(name="one"))
        assert answer.status == "ok", answer.error
        assert "Trackside" not in answer.stderr
        runs = Runs(tmp_path / "mlflow.db")
        runs.wait_until(lambda: "trackside.environment.sha256" in runs["one"].data.tags)
    assert runs.experiment_of("one").tags["mlflow.experimentType"] == "NOTEBOOK"
    runs.close()


@pytest.mark.parametrize(
    ("package", "error"),
    [
        ("raise ImportError('MLflow is broken')", "MLflow is broken"),
        ("import mlflow.tracking\ndef active_run():\n    raise RuntimeError('no run')", ""),
        ("", ""),
    ],
    ids=["raises", "half of it", "somebody else's module"],
)
def test_a_broken_mlflow_does_not_break_trackside(tmp_path: Path, package: str, error: str) -> None:
    folder = tmp_path / "mlflow"
    (folder / "tracking").mkdir(parents=True)
    (folder / "__init__.py").write_text(package)
    (folder / "tracking" / "__init__.py").touch()
    with start_mlflow_kernel(tmp_path, dict(os.environ)) as kernel:
        imported = kernel.run("import sys\nsys.path.insert(0, '')\nimport mlflow")
        assert error in imported.error
        assert (imported.status, imported.stderr) == ("error" if error else "ok", "")
        cell = """
import trackside
with trackside.start_run(run_name="ours"):
    trackside.log_metric("loss", 1)
    trackside.log_metric("loss", 2, step=1)
"""
        answer = kernel.run(cell)
        assert answer.status == "ok", answer.error
        assert answer.stderr.count("\n") == ("active_run" in package), answer.stderr
    runs = Runs(tmp_path / "mlflow.db")
    assert runs["ours"].data.metrics == {"loss": 2}
    runs.close()


def test_in_a_store_of_which_trackside_knows_nothing_runs_carry_tags_alone(tmp_path: Path) -> None:
    """MLflow's old file store is one."""
    variables = {"MLFLOW_TRACKING_URI": (tmp_path / "files").as_uri(), "MLFLOW_ALLOW_FILE_STORE": "true"}
    version = newest_mlflow()
    with start_mlflow_kernel(tmp_path, dict(os.environ), mlflow=Mlflow("files", version.python, variables)) as kernel:
        kernel.run("import mlflow, json")
        answer = kernel.run("with mlflow.start_run() as run: pass")
        assert (answer.status, "rackside" in answer.stderr) == ("ok", False), answer
        told = kernel.run("print(run.info.experiment_id, sorted(mlflow.get_run(run.info.run_id).data.tags))")
    assert told.stdout.startswith("0 ")
    assert "trackside.notebook.path" in told.stdout


@pytest.mark.server
def test_runs_on_a_server_are_the_notebooks(mlflow_server: MlflowServer, tmp_path: Path) -> None:
    """R3.2, R2.5"""
    version = Mlflow("server", newest_mlflow().python, {"MLFLOW_TRACKING_URI": mlflow_server.url})
    with start_mlflow_kernel(tmp_path, dict(os.environ), mlflow=version) as kernel:
        kernel.run("import mlflow")
        answer = kernel.run(RUN.format(name="remote"))
        assert (answer.status, "rackside" in answer.stderr) == ("ok", False), answer
        runs = Runs(mlflow_server.database)
        runs.wait_until(lambda: "trackside.environment.sha256" in runs["remote"].data.tags)
    assert runs.experiment_of("remote").tags["mlflow.experimentType"] == "NOTEBOOK"
    assert list((mlflow_server.folder / "artifacts").rglob("train.ipynb"))
    runs.close()


def test_a_notebook_that_ends_with_its_last_run_loses_nothing(make_database: MakeDatabase, tmp_path: Path) -> None:
    """As nbclient and papermill do, the kernel is ended as soon as the last cell has."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    make_database(newest_mlflow(), tmp_path)
    cell = "import mlflow\nwith mlflow.start_run(run_name='last'): pass"
    path = write_notebook(tmp_path / "train.ipynb", textwrap.dedent(cell))
    notebook = nbformat.read(path, as_version=4)
    variables = install_trackside(tmp_path / ".installed", dict(os.environ))
    client = nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, timeout=240)
    client.create_kernel_manager().shutdown_wait_time = 60
    client.execute(env=variables)
    runs = Runs(tmp_path / "mlflow.db")
    assert "trackside.environment.sha256" in runs["last"].data.tags
    assert cell in runs.sources("last")
    runs.close()
