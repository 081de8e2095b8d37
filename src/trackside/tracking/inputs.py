"""Data files that a run read: their hashes, by which a later run can tell whether it read the same.

What is recorded is a tag of the run, in every store; and where the store keeps datasets as MLflow does, a dataset input
as MLflow's own client and pages have it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.entities import Tag
from trackside.errors import InvalidValueError, NotFoundError, TracksideError
from trackside.stores.datasets import UsedDataset
from trackside.tracking import capture, tag_names
from trackside.tracking.fluent import require_target
from trackside.tracking.notices import say_once

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.tracking.fluent import Target

_CHUNK = 1024 * 1024
_UNFIT = re.compile(r"[^\w. /-]")
_LONGEST_NAME = 200
_LONGEST_CONTEXT = 500
_DIGEST_LENGTH = 8
"""As in MLflow's own digests."""


@dataclass(frozen=True, slots=True)
class DataInput:
    """A file or folder that a run read.

    Attributes:
        name: By which the run names it.
        path: Where it lay, as it was given.
        sha256: Hash of its content; of a folder, of the names and contents in it.
        bytes: Its size.
        context: What it was for, such as ``training``; may be empty.
    """

    name: str
    path: str
    sha256: str
    bytes: int
    context: str = ""


def log_input(path: str | os.PathLike[str], *, name: str | None = None, context: str = "") -> None:
    """Record which data the active run reads: the hash of a file, or of all files in a folder.

    The content is read in the background, and the run's end waits for that up to 30 s. MLflow lists it among the run's
    datasets, by its name, the first 8 digits of the hash and the absolute path.

    Args:
        path: The file or folder.
        name: What the run calls it; default: the path as given, or the file's name where that is absolute.
        context: What it is for, such as ``training``.

    Raises:
        NotFoundError: There is no such file or folder.
        InvalidValueError: The name is empty.
    """
    place = Path(path)
    if not place.exists():
        raise NotFoundError(f"there is no file or folder {os.fspath(path)!r}, seen from {Path.cwd()}")
    told = name if name is not None else (place.name if place.is_absolute() else place.as_posix())
    fitting = _UNFIT.sub("_", told).strip()[:_LONGEST_NAME]
    if not fitting:
        raise InvalidValueError(f"an input needs a name, not {told!r}")
    target, whole = require_target(None), place.absolute()
    capture.in_background(lambda: _record(target, fitting, os.fspath(path), whole, context))


def read_inputs(run: Run) -> dict[str, DataInput]:
    """What a run recorded of the data that it read, by name."""
    found = ((key, value) for key, value in run.data.tags.items() if key.startswith(tag_names.INPUT))
    inputs = (_read(key.removeprefix(tag_names.INPUT), value) for key, value in found)
    return {one.name: one for one in inputs if one is not None}


def _record(target: Target, name: str, told: str, place: Path, context: str) -> None:
    """Hash and tag; what fails is said in one line, because the user's code went on."""
    try:
        sha256, size = _hash(place)
        found = DataInput(name, told[:1000], sha256, size, context[:_LONGEST_CONTEXT])
        target.store.log_batch(target.run_id, tags=[Tag(tag_names.INPUT + name, _tag_of(found))])
        target.store.log_dataset(target.run_id, _dataset_of(found, place))
    except (OSError, TracksideError) as error:
        say_once(f"the input {told!r} could not be recorded: {error}")


def _tag_of(found: DataInput) -> str:
    told = {"path": found.path, "sha256": found.sha256, "bytes": found.bytes, "context": found.context}
    return json.dumps(told)


def _dataset_of(found: DataInput, place: Path) -> UsedDataset:
    """The input in MLflow's words: a file or folder of this machine."""
    return UsedDataset(
        name=found.name,
        digest=found.sha256[:_DIGEST_LENGTH],
        source_type="local",
        source=json.dumps({"uri": os.fsencode(place).decode("utf-8", "replace")}),
        profile=json.dumps({"sha256": found.sha256, "bytes": found.bytes}),
        context=found.context,
    )


def _hash(place: Path) -> tuple[str, int]:
    if place.is_file():
        return _hash_file(place)
    told, total = hashlib.sha256(), 0
    for file in _files(place):
        sha256, size = _hash_file(file)
        told.update(f"{file.relative_to(place).as_posix()}\0{sha256}\n".encode("utf-8", "surrogateescape"))
        total += size
    return told.hexdigest(), total


def _hash_file(file: Path) -> tuple[str, int]:
    told, size = hashlib.sha256(), 0
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            told.update(chunk)
            size += len(chunk)
    return told.hexdigest(), size


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _read(name: str, value: str) -> DataInput | None:
    try:
        told = json.loads(value)
        return DataInput(name, str(told["path"]), str(told["sha256"]), int(told["bytes"]), str(told.get("context", "")))
    except (ValueError, TypeError, KeyError):
        return None
