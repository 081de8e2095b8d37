"""Whether an interpreter still has what a run had installed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.notebook import distributions
from trackside.reproducing.installers import ask
from trackside.reproducing.libraries import OWN
from trackside.reproducing.pythons import Python, find_pythons, find_recorded, is_here

if TYPE_CHECKING:
    from trackside.reproducing.kept import KeptEnvironment

ASK_S = 30.0
"""The longest that a program on this machine may take to answer; from a cold or shared disk that is seconds."""
_MOST_NAMED = 3
_SAY_PATHS = (
    "import sys; sys.path[:1] = []; import json, platform; print(json.dumps([platform.python_version(), sys.path]))"
)
"""Without the working folder, whose modules are the notebook's."""


def original_program(kept: KeptEnvironment) -> Path | None:
    """The interpreter that the run recorded, if it is there and may be started."""
    return find_recorded(str(kept.part("python").get("executable", "")))


def find_pythons_like(kept: KeptEnvironment) -> tuple[Python, ...]:
    """The Pythons for an environment like the one that the run recorded, the nearest first."""
    return find_pythons(kept.python, known=str(kept.part("python").get("base_executable", "")))


def find_difference(kept: KeptEnvironment) -> str:
    """Why the run's interpreter is not what it was, in words; empty where it still is.

    What was installed besides does not count, nor does Trackside's own version.
    """
    program = original_program(kept)
    if program is None:
        told = str(kept.part("python").get("executable") or "")
        return f"{told} is no Python of yours" if is_here(told) else f"{told or 'its Python'} is not there any more"
    answer = _ask_interpreter(program)
    if answer is None:
        return f"{program} does not work any more"
    version, paths = answer
    if version != kept.python:
        return f"{program} is Python {version} now, the run had {kept.python}"
    return _compare(kept, {found.name: found for found in distributions.scan(distributions.find_sites(paths))})


def _ask_interpreter(program: Path) -> tuple[str, list[str]] | None:
    if program == Path(sys.executable):
        return sys.version.split()[0], sys.path
    answer = ask([str(program), "-c", _SAY_PATHS], ASK_S)
    try:
        version, paths = json.loads(answer or "")
    except ValueError:
        return None
    return str(version), [str(path) for path in paths]


def _compare(kept: KeptEnvironment, present: Mapping[str, distributions.Distribution]) -> str:
    recorded = kept.record.get("distributions")
    entries = [entry for entry in recorded if isinstance(entry, dict)] if isinstance(recorded, list) else []
    if not entries:
        return "the run did not record its libraries"
    told = [change for entry in entries if entry.get("name") != OWN and (change := _difference(entry, present))]
    more = [f"and {len(told) - _MOST_NAMED} more"] if len(told) > _MOST_NAMED else []
    return "; ".join([*told[:_MOST_NAMED], *more])


def _difference(entry: Mapping[str, Any], present: Mapping[str, distributions.Distribution]) -> str:
    name, version = str(entry.get("name", "")), str(entry.get("version", ""))
    found = present.get(name)
    if found is None:
        return f"{name} is not there any more"
    if found.version != version:
        return f"{name} is {found.version} now, the run had {version}"
    origin = entry.get("direct_url")
    is_same_origin = (origin if isinstance(origin, dict) else {}) == dict(found.direct_url)
    return "" if is_same_origin and _has_same_source(entry, found) else f"{name} comes from elsewhere now"


def _has_same_source(entry: Mapping[str, Any], found: distributions.Distribution) -> bool:
    """Whether an editable install still stands at the commit that was recorded."""
    source = entry.get("source")
    if not isinstance(source, dict) or not found.is_editable or found.source_directory is None:
        return True
    from trackside.notebook import git

    state = git.read_state(found.source_directory, with_patch=False)
    return state is not None and (state.commit, state.dirty) == (source.get("commit"), source.get("dirty"))
