"""Runs to reproduce: their environments, and the dialog as people use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

from trackside.reproducing import own_copy

from . import kernels
from .lab import PATIENCE_MS, Lab, Panel

if TYPE_CHECKING:
    from .server import JupyterServer

INSTALL_MS = 4 * PATIENCE_MS
OLD = ("numpy==1.26.4", "pandas==2.1.4", "scikit-learn==1.3.2")
"""Libraries of 2023, for which there are wheels up to Python 3.12."""
OLD_CODE = """
import warnings
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
import trackside

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
frame = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
frame.iloc[::7, 1] = np.nan
target = (frame["a"] > 0).astype(int) + (frame["c"] > 0.5)
frame = frame.fillna(method="ffill").fillna(0.0)
with trackside.start_run(run_name="of 2023"):
    trackside.log_param("C", 0.5)
    model = LogisticRegression(multi_class="ovr", C=0.5).fit(frame, target)
    trackside.log_metric("accuracy", model.score(frame, target))
    trackside.log_metric("weight", float(model.coef_[0, 0]))
"""


def add_environment(server: JupyterServer, folder: Path, name: str, *packages: str) -> Path:
    """Make an environment with these packages and Trackside, and register its kernel; returns its folder."""
    venv = folder / name
    present = {package.split("=")[0] for package in packages}
    command = kernels.make_environment(venv, *packages, *own_copy.requirements(present))
    own_copy.put_into(venv)
    kernels.add_kernel(server.data, name, f"Python with {name}", command)
    return venv


def remove_environment(server: JupyterServer, venv: Path) -> None:
    """As on a machine that never had it."""
    server.stop_kernels()
    shutil.rmtree(venv)
    shutil.rmtree(server.data / "kernels" / venv.name)


def pretend_elsewhere(folder: Path, *lines: str) -> None:
    """Have the only run of a folder be one of another machine, with these libraries."""
    (environment,) = folder.glob("mlruns/*/*/artifacts/environment/environment.json")
    record = json.loads(environment.read_text())
    record["python"]["executable"] = "/not/here/bin/python"
    environment.write_text(json.dumps(record))
    environment.with_name("requirements.txt").write_text("".join(f"{line}\n" for line in lines))


def environments_of(server: JupyterServer) -> set[Path]:
    """What lies where the server's kernels make environments."""
    folder = Path(server.environment["TRACKSIDE_ENVIRONMENTS_DIR"])
    return {path for path in folder.glob("*") if path.is_dir()}


def ask_for(panel: Panel, name: str) -> Locator:
    """Open the dialog with the mouse; returns it once the plan is there."""
    return ask_for_run(panel, panel.run(name).first)


def ask_for_run(panel: Panel, run: Locator) -> Locator:
    """The same for one of several runs of that name."""
    run.locator(".ts-run-name").click(button="right")
    panel.widget.get_by_role("menuitem", name="Reproduce run").click()
    return wait_for_plan(panel)


def wait_for_plan(panel: Panel) -> Locator:
    """The dialog, once it says what will be done."""
    dialog = panel.widget.get_by_role("dialog")
    expect(dialog.get_by_label("Folder")).to_be_visible(timeout=PATIENCE_MS)
    return dialog


def confirm(dialog: Locator) -> None:
    """Begin."""
    dialog.get_by_role("button", name="Reproduce", exact=True).click()


def kernel_in_front(lab: Lab) -> str:
    """The kernel of the notebook in front."""
    return str(lab.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.name"))


def wait_for_clone(lab: Lab, path: str, timeout_ms: int = 2 * PATIENCE_MS) -> None:
    """Wait until the notebook at this path of the test's folder is in front and its kernel is idle."""
    wanted = (lab.folder / path).relative_to(lab.server.root).as_posix()
    lab.page.wait_for_function(
        "path => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=wanted, timeout=timeout_ms
    )
    lab.wait_for_kernel()


def bring_first_to_front(lab: Lab) -> None:
    """Go back to the notebook that was opened first."""
    lab.page.evaluate("window.jupyterapp.shell.activateById([...window.jupyterapp.shell.widgets('main')][0].id)")


def start(folder: Path, server: JupyterServer, module: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A program on the machine of the server, such as ``trackside``."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**server.environment, "PATH": os.environ["PATH"], **variables}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def require_success(*programs: subprocess.Popen[str]) -> None:
    """Wait until they have ended, and fail with what one of them said where it failed."""
    for program in programs:
        said, _ = program.communicate(timeout=INSTALL_MS / 1000)
        assert program.returncode == 0, said
