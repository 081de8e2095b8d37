"""What is different between two runs: params, metrics, code, environment."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside.errors import TracksideError
from trackside.tracking import session, tag_names
from trackside.tracking.capture import ENVIRONMENT_JSON
from trackside.tracking.neighbours import find_neighbours

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Artifacts, Store

MAX_RECORD = 10_000_000
_SAY_CODE = (tag_names.CODE_SHA256, tag_names.REVISION_SHA256, tag_names.GIT_COMMIT)
"""What tells the code of a run apart, the best first."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """A param, or the version of a package; None on the side that does not have it."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class MetricChange:
    """The latest values of a metric; None on the side that does not have it."""

    key: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class RunChanges:
    """What changed from one run to another.

    Attributes:
        before: The earlier run.
        after: The later run.
        params: Params that are not the same, by key.
        metrics: Metrics whose latest values are not the same, by key.
        code_changed: Whether the notebook's code, or a local module that it imported, is another one; by the git commit
            where no revision was kept. None where one of the runs does not say.
        environment_changed: Whether the environment is another one; None where one of the runs does not say.
        packages: Packages whose versions are not the same, by name; empty where the environments cannot be read.
    """

    before: Run
    after: Run
    params: tuple[TextChange, ...]
    metrics: tuple[MetricChange, ...]
    code_changed: bool | None
    environment_changed: bool | None
    packages: tuple[TextChange, ...]


def changes_since_previous(run_id: str) -> RunChanges | None:
    """What changed since the run before this one, as the run view shows it; None where there is no run before it."""
    store = session.current_store()
    run = store.get_run(run_id)
    previous = find_neighbours(store, run).previous
    return None if previous is None else compare_runs(store, previous, run)


def compare_runs(store: Store, before: Run, after: Run) -> RunChanges:
    """What changed from one run of a store to another."""
    changed = _differ(before, after, tag_names.ENVIRONMENT_SHA256)
    return RunChanges(
        before=before,
        after=after,
        params=text_changes(before.data.params, after.data.params),
        metrics=_metric_changes(before.data.metrics, after.data.metrics),
        code_changed=_code_changed(before, after),
        environment_changed=changed,
        packages=_package_changes(store, before, after) if changed else (),
    )


def text_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[TextChange, ...]:
    """The entries that are not the same, by key."""
    keys = sorted(before.keys() | after.keys())
    pairs = ((key, before.get(key), after.get(key)) for key in keys)
    return tuple(TextChange(key, old, new) for key, old, new in pairs if old != new)


def read_environment(artifacts: Artifacts) -> dict[str, Any] | None:
    """What a run recorded of its environment; None where it recorded nothing that can be read."""
    return read_record(artifacts, ENVIRONMENT_JSON)


def read_record(artifacts: Artifacts, path: str) -> dict[str, Any] | None:
    """A file of a run that is a JSON object; None where it is none, or cannot be read."""
    try:
        record = json.loads(artifacts.read_bytes(path, max_bytes=MAX_RECORD))
    except (TracksideError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def package_versions(record: Mapping[str, Any]) -> dict[str, str]:
    """The version of each package of an environment that was recorded."""
    found = record.get("distributions")
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return {str(entry["name"]): str(entry.get("version", "")) for entry in entries if "name" in entry}


def describe_machine(record: Mapping[str, Any]) -> dict[str, Any]:
    """Python, system and hardware of an environment that was recorded.

    The record is a file that anyone may have written, so nothing in it is taken for granted.
    """
    python, platform, cpu = (_part(record, name) for name in ("python", "platform", "cpu"))
    gpus = record.get("gpus")
    system = platform.get("distribution") or f"{platform.get('system', '')} {platform.get('release', '')}".strip()
    return {
        "python": f"{python.get('implementation', '')} {python.get('version', '')}".strip(),
        "executable": str(python.get("executable", "")),
        "kernelspec": str(record.get("kernelspec", "")),
        "system": str(system),
        "machine": str(platform.get("machine", "")),
        "cpu": str(cpu.get("model", "")),
        "cpu_count": _whole(cpu.get("count")),
        "memory_bytes": _whole(record.get("memory_bytes")),
        "gpus": [_gpu(gpu) for gpu in gpus if isinstance(gpu, dict)] if isinstance(gpus, list) else [],
    }


def _gpu(gpu: Mapping[str, Any]) -> str:
    """Its name, and its driver's version where that is known."""
    driver = f"driver {gpu['driver']}" if gpu.get("driver") else ""
    return ", ".join(part for part in (str(gpu.get("name", "")), driver) if part)


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = record.get(name)
    return part if isinstance(part, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _metric_changes(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[MetricChange, ...]:
    keys = sorted(before.keys() | after.keys())
    pairs = ((key, before.get(key), after.get(key)) for key in keys)
    return tuple(MetricChange(key, old, new) for key, old, new in pairs if not _same(old, new))


def _same(old: float | None, new: float | None) -> bool:
    return old == new or (old is not None and new is not None and math.isnan(old) and math.isnan(new))


def code_of(run: Run) -> str | None:
    """Hash of the code of a run's notebook; of its revision where the run is of an earlier Trackside, None without."""
    tags = run.data.tags
    return tags.get(tag_names.CODE_SHA256) or tags.get(tag_names.REVISION_SHA256)


def modules_differ(before: Run, after: Run) -> bool:
    """Whether the runs imported other local modules, or other versions of them."""
    return bool(_differ(before, after, tag_names.MODULES_CODE_SHA256))


def _code_changed(before: Run, after: Run) -> bool | None:
    """By the code where both runs say it: to execute a cell once more makes another revision of the same code."""
    if modules_differ(before, after):
        return True
    changes = (_differ(before, after, tag) for tag in _SAY_CODE)
    return next((change for change in changes if change is not None), None)


def _differ(before: Run, after: Run, tag: str) -> bool | None:
    old, new = before.data.tags.get(tag), after.data.tags.get(tag)
    return old != new if old and new else None


def _package_changes(store: Store, before: Run, after: Run) -> tuple[TextChange, ...]:
    old, new = (read_environment(store.artifacts(run.info.run_id)) for run in (before, after))
    return text_changes(package_versions(old), package_versions(new)) if old and new else ()
