"""Kernels that Trackside is not made for: without it, of another language, of an earlier ipykernel."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

OTHER_LANGUAGE = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Stones(Kernel):
    implementation = "stones"
    implementation_version = "1"
    banner = "Stones"
    language_info = {"name": "stones", "mimetype": "text/plain", "file_extension": ".txt"}

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **_):
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


IPKernelApp.launch_instance(kernel_class=Stones)
"""


def add_kernel(
    data: Path, name: str, display_name: str, command: list[str], language: str = "python", **environment: str
) -> None:
    """Register a kernel in a Jupyter data directory."""
    folder = data / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    spec = {"argv": command, "display_name": display_name, "language": language, "env": environment}
    (folder / "kernel.json").write_text(json.dumps(spec))


def make_environment(venv: Path, *packages: str) -> list[str]:
    """Make an environment that has these packages alone; returns the command that starts its kernel."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
    python = venv / "bin" / "python"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    return [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def add_other_language(data: Path) -> None:
    """Register a kernel of the language Stones."""
    script = data / "stones.py"
    script.write_text(OTHER_LANGUAGE)
    add_kernel(data, "stones", "Stones", [sys.executable, str(script), "-f", "{connection_file}"], "stones")


def add_broken_kernel(data: Path) -> None:
    """Register a kernel that ends as soon as it starts."""
    add_kernel(data, "broken", "Broken Python", [sys.executable, "-c", "raise SystemExit('broken')"])
