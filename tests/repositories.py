"""Git repositories for tests, with commits of somebody whom no configuration names."""

from __future__ import annotations

import subprocess
from pathlib import Path

_SETTINGS = ("user.name=Ada", "user.email=ada@example.org", "init.defaultBranch=main", "commit.gpgsign=false")
PATIENCE = """
try:
    from trackside.notebook import git
except ImportError:
    pass
else:
    git.TIMEOUT_S = 120.0
    del git
"""
"""What has a kernel, which runs it as it starts, wait for git longer than people would."""


def git(folder: Path, *arguments: str) -> str:
    """What a git command in a folder prints."""
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    done = subprocess.run(["git", *options, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit_all(folder: Path, message: str = "first") -> str:
    """Make a folder a repository with all that is in it. Returns the commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")
