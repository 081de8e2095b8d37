"""Scripts that run in processes of their own with the real MLflow, and print what they found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

LIMIT_S = 600
"""How long a script may take: MLflow needs 2 seconds to start and 6 to make its tables, and twenty times that on a
machine that does much else."""
HEAD = """
import json, sys
import mlflow
from mlflow.entities import Metric, Param, RunTag, ViewType
argv = sys.argv[1:]
"""


def start(script: str, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a process in a folder that runs a script with MLflow imported."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")}
    command = [sys.executable, "-W", "ignore", "-c", HEAD + textwrap.dedent(script), *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer_of(process: subprocess.Popen[str]) -> Any:
    """What the process printed last, as JSON."""
    out, error = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, error
    assert "locked" not in error, error
    return json.loads(out.splitlines()[-1])


def ask_mlflow(script: str, folder: Path, *arguments: object) -> Any:
    return answer_of(start(script, folder, *arguments))


def wait_for_line(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    while (found := process.stdout.readline()) != f"{line}\n":
        assert found, process.communicate()[1]
