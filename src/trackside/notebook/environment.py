"""The environment of a kernel, described so that it can be rebuilt.

`capture()` takes a few milliseconds the first time, more where GPUs are asked for, and then microseconds until a
``site-packages`` directory changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trackside.notebook import distributions, git, hardware, requirements, session
from trackside.notebook.distributions import Distribution
from trackside.notebook.variables import read_variables


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """What a kernel runs in.

    Attributes:
        record: What ``environment.json`` says; to be read only.
        json_text: The record as JSON text.
        requirements_text: Everything that is installed, as pip and uv install it.
        sha256: Hash of ``json_text``: the same for kernels with the same Python, packages, machine and kernelspec.
    """

    record: Mapping[str, Any] = field(repr=False)
    json_text: str = field(repr=False)
    requirements_text: str = field(repr=False)
    sha256: str


class _Cache:
    """The latest capture of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: object = None
        self._environment: Environment | None = None

    def read(self) -> Environment:
        """The environment now."""
        sites = distributions.find_sites()
        kernelspec, variables = _kernelspec(), read_variables()
        key = (kernelspec, *variables.items(), tuple((site, _modified(site)) for site in sites))
        with self._lock:
            if self._environment is None or key != self._key:
                self._environment = _describe(distributions.scan(sites), kernelspec, variables)
                self._key = key
            return self._environment


_cache = _Cache()


def capture() -> Environment:
    """The environment of this process. May be called from any thread."""
    return _cache.read()


def clean_sources() -> tuple[Path, ...]:
    """Where editable installs have their sources, of those that were as their commit has them when it was captured."""
    found = []
    for entry in capture().record["distributions"]:
        source = entry.get("source", {})
        if source.get("commit") and not source["dirty"]:
            directory = Distribution(entry["name"], entry["version"], entry["direct_url"]).source_directory
            found += [directory] if directory is not None else []
    return tuple(found)


def _start_anew() -> None:
    global _cache
    _cache = _Cache()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


def _describe(installed: list[Distribution], kernelspec: str, variables: Mapping[str, str]) -> Environment:
    sources = {found.name: source for found in installed if found.is_editable and (source := _source_of(found))}
    record = {
        "python": _python(),
        **hardware.describe(),
        "kernelspec": kernelspec,
        "variables": variables,
        "distributions": [_record_of(found, sources.get(found.name)) for found in installed],
    }
    text = json.dumps(record, indent=1, ensure_ascii=True) + "\n"
    heading = f"{platform.python_implementation()} {platform.python_version()}, {sys.platform} {platform.machine()}"
    notes = {name: _in_words(source) for name, source in sources.items()}
    return Environment(
        record=record,
        json_text=text,
        requirements_text=requirements.write(installed, heading=heading, sources=notes),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _python() -> dict[str, str]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "base_executable": getattr(sys, "_base_executable", None) or "",
    }


def _source_of(distribution: Distribution) -> dict[str, Any]:
    """Where the source of an editable install stands, if it lies in a git repository."""
    directory = distribution.source_directory
    state = git.read_state(directory, with_patch=False) if directory is not None else None
    if state is None:
        return {}
    return {"commit": state.commit, "remote": state.remote, "dirty": state.dirty}


def _in_words(source: Mapping[str, Any]) -> str:
    if not source["commit"]:
        return "without a commit"
    place = f" of {source['remote']}" if source["remote"] else ""
    return f"commit {source['commit']}{place}{' with changes' if source['dirty'] else ''}"


def _record_of(distribution: Distribution, source: Mapping[str, Any] | None) -> dict[str, Any]:
    record: dict[str, Any] = {"name": distribution.name, "version": distribution.version}
    if distribution.direct_url:
        record["direct_url"] = dict(distribution.direct_url)
    if source:
        record["source"] = dict(source)
    return record


def _kernelspec() -> str:
    current = session.current()
    return current.kernelspec if current is not None else ""


def _modified(site: str) -> int:
    try:
        return Path(site).stat().st_mtime_ns
    except OSError:
        return 0
