# ruff: noqa: T201 - it prints its figures
"""How long reproducing a run takes: on the environment that is still there, and in a new one against venv and pip.

    python tests/bench/reproduce.py
    python tests/bench/reproduce.py --libraries "ipykernel numpy" --rounds 1     # small, to see that it works

The first figure goes from the request to the kernel that answers. The second installs the libraries of the quickstart,
each time into a new folder with warm caches, first with Trackside (which takes uv) and then with ``venv`` and ``pip``,
in turns. Everything is made in a temporary folder; packages come from where pip and uv are configured to look.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUICKSTART = (
    "ipykernel scikit-learn matplotlib pandas anywidget ipywidgets nbformat platformdirs psutil requests traitlets"
)
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "cells": [],
}


def make_run(requirements: str, record: str) -> str:
    """A run with this environment; its id."""
    import trackside
    from trackside.notebook import revision

    with trackside.start_run(tags={"trackside.revision.path": "notebook/quickstart.ipynb"}) as run:
        trackside.set_tag("trackside.revision.sha256", revision.hash_of(NOTEBOOK))
        trackside.log_text(json.dumps(NOTEBOOK), "notebook/quickstart.ipynb")
    trackside.log_text(requirements, "environment/requirements.txt", run_id=run.info.run_id)
    trackside.log_text(record, "environment/environment.json", run_id=run.info.run_id)
    return run.info.run_id


def existing(rounds: int) -> list[float]:
    """Seconds from the request to a kernel that is idle, on the environment that the run had."""
    from jupyter_client.manager import start_new_kernel

    import trackside
    from trackside.notebook import environment

    captured = environment.capture()
    run_id = make_run(captured.requirements_text, captured.json_text)
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        done = trackside.reproduce(run_id)
        manager, client = start_new_kernel(kernel_name=done.kernel)
        taken.append(time.perf_counter() - start)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return taken


def freeze(libraries: list[str], folder: Path) -> str:
    """What these libraries bring along, with exact versions."""
    from trackside.reproducing.installers import find_uv

    uv = find_uv() or sys.exit("this compares with uv, which is not installed")
    python = folder / "reference/bin/python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder / "reference")], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *libraries], check=True)
    frozen = subprocess.run([uv, "pip", "freeze", "--python", str(python)], check=True, capture_output=True, text=True)
    return frozen.stdout


def with_trackside(requirements: str) -> float:
    """Seconds until the clone is there, in a new environment, which is removed again."""
    import trackside

    python = {"version": sys.version.split()[0], "executable": "/nowhere", "base_executable": sys.executable}
    run_id = make_run(requirements, json.dumps({"python": python}))
    start = time.perf_counter()
    done = trackside.reproduce(run_id)
    taken = time.perf_counter() - start
    trackside.remove_environment(done.kernel)
    return taken


def with_pip(requirements: str, folder: Path) -> float:
    """Seconds for the same libraries with ``venv`` and ``pip``."""
    lines = folder / "requirements.txt"
    lines.write_text(requirements, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        command = [f"{place}/bin/python", "-m", "pip", "install", "-q", "--no-deps", "-r", str(lines)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def show(name: str, taken: list[float]) -> float:
    """Print the median and the extremes."""
    median = statistics.median(taken)
    print(f"{name:<52} {median:6.2f} s  (from {min(taken):.2f} to {max(taken):.2f})")
    return median


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", default=QUICKSTART)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.chdir(folder)
        os.environ["TRACKSIDE_ENVIRONMENTS_DIR"] = str(folder / "environments")
        os.environ["TRACKSIDE_JOURNAL_DIR"] = str(folder / "journal")
        os.environ["JUPYTER_DATA_DIR"] = str(folder / "jupyter")
        show("clone on the run's own environment, kernel idle", existing(options.rounds))
        requirements = freeze(options.libraries.split(), folder)
        with_trackside(requirements), with_pip(requirements, folder)  # warms both caches
        rounds = [(with_trackside(requirements), with_pip(requirements, folder)) for _ in range(options.rounds)]
        ours, theirs = (list(taken) for taken in zip(*rounds, strict=True))
        print(f"new environment, {len(requirements.splitlines())} libraries, warm caches:")
        ratio = show("  venv + pip", theirs) / show("  trackside", ours)
        print(f"  {ratio:.1f} times faster")


if __name__ == "__main__":
    main()
