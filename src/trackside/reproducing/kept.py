"""What a run kept of its notebook and its environment."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError, NotFoundError, TracksideError
from trackside.notebook import git
from trackside.notebook import session as notebook_session
from trackside.reproducing.modules import MANIFEST, Places, is_safe, place_beside, read_committed, read_places
from trackside.tracking import tag_names
from trackside.tracking.capture import ENVIRONMENT_JSON, REQUIREMENTS, REVISION_FOLDER
from trackside.tracking.changes import MAX_RECORD
from trackside.tracking.revisions import fetch_revision, has_revision, notebook_name

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Artifacts, Store

_VERSION = re.compile(r"\d+\.\d+[\w.+]{0,50}")
MAX_FILES = 1_000
"""How many files beside the notebook are taken along."""
MAX_FILE = 50_000_000


@dataclass(frozen=True, slots=True)
class KeptNotebook:
    """The notebook of a run, and where it came from.

    Attributes:
        notebook: In nbformat 4.
        file_name: Such as ``train.ipynb``.
        version: SHA-256 of the revision, or the git commit.
        is_commit: Whether it comes from git because no revision was kept.
        beside: Artifact paths of the files that were kept with it, by where they lie from the notebook.
        committed: The text of the modules that the run left to its git commit, by where they lie from the notebook.
    """

    notebook: Mapping[str, Any] = field(repr=False)
    file_name: str
    version: str
    is_commit: bool
    beside: Mapping[str, str] = field(default_factory=dict)
    committed: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """Where all files but the notebook lie."""
        return sorted({*self.beside, *self.committed})

    def without(self, files: Collection[str]) -> KeptNotebook:
        """The same without some files."""
        beside, committed = (
            {place: content for place, content in kept.items() if place not in files}
            for kept in (self.beside, self.committed)
        )
        return replace(self, beside=beside, committed=committed)


@dataclass(frozen=True, slots=True)
class KeptEnvironment:
    """What a run recorded of its environment.

    Attributes:
        record: ``environment.json``; nothing in it is sure to be there, or to be of the expected kind.
        text: The same as text.
        requirements: ``requirements.txt``.
    """

    record: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)
    requirements: str = field(repr=False)

    def part(self, name: str) -> Mapping[str, Any]:
        """An object in the record; empty where there is none."""
        found = self.record.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def python(self) -> str:
        """The version of Python; empty where it recorded none."""
        told = str(self.part("python").get("version", ""))
        return told if _VERSION.fullmatch(told) else ""


def read_notebook(store: Store, run: Run, *, folder: Path | None = None) -> KeptNotebook:
    """The revision of a run, else its notebook at its git commit where the repository around has that.

    Args:
        store: Where the run lives.
        run: The run.
        folder: A folder in the repository that is asked for the commit; default: that of the notebook that is open.

    Raises:
        InvalidValueError: The revision is damaged.
        NotFoundError: Neither is there.
    """
    tags = run.data.tags
    if not has_revision(run) and tags.get(tag_names.GIT_COMMIT):
        return _from_commit(run, folder or place_here())
    kept, path = fetch_revision(store, run), tags[tag_names.REVISION_PATH]
    artifacts = store.artifacts(run.info.run_id)
    _require_python(kept.notebook)
    files = list(_files(artifacts, REVISION_FOLDER))
    places = read_places(artifacts) if MANIFEST in files else {}
    beside = {target: source for source in files if (target := _beside(source, path, run, places))}
    committed = read_committed(artifacts, run, folder or place_here(), places) if MANIFEST in files else {}
    return KeptNotebook(
        kept.notebook,
        notebook_name(path, kept.file_name),
        kept.sha256,
        is_commit=False,
        beside=beside,
        committed=committed,
    )


def read_environment(artifacts: Artifacts) -> KeptEnvironment | None:
    """What a run recorded of its environment; None where it recorded nothing that can be read."""
    try:
        text = artifacts.read_bytes(ENVIRONMENT_JSON, max_bytes=MAX_RECORD).decode()
        requirements = artifacts.read_bytes(REQUIREMENTS, max_bytes=MAX_RECORD).decode()
        record = json.loads(text)
    except (TracksideError, ValueError):
        return None
    return KeptEnvironment(record, text, requirements) if isinstance(record, dict) else None


def _from_commit(run: Run, folder: Path) -> KeptNotebook:
    tags, name = run.data.tags, run.info.run_name
    commit, source = tags[tag_names.GIT_COMMIT], tags.get(tag_names.SOURCE_NAME, "")
    text = git.read_file_at(folder, commit, source)
    if text is None:
        raise NotFoundError(
            f"run {name!r} has no notebook revision, and the repository around {folder} does not have {source!r} "
            f"at commit {commit[:12]}",
            hint="Fetch the commit with git, and work in the repository's folder.",
        )
    notebook = _upgraded(text, source, commit)
    _require_python(notebook)
    return KeptNotebook(notebook, notebook_name(source, "notebook.ipynb"), commit, is_commit=True)


def _upgraded(text: str, source: str, commit: str) -> Mapping[str, Any]:
    """The notebook in the latest nbformat 4."""
    import nbformat

    try:
        notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call, unused-ignore]
        upgraded = nbformat.v4.upgrade(notebook, 4, notebook.nbformat_minor)  # type: ignore[no-untyped-call, unused-ignore]
        return dict(upgraded)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError) as error:
        raise InvalidValueError(f"{source!r} at commit {commit[:12]} is no notebook: {error}") from error


def place_here() -> Path:
    """The folder of the notebook that is open, else the working folder."""
    current = notebook_session.current()
    return current.path.parent if current is not None and current.path is not None else Path.cwd()


def _require_python(notebook: Mapping[str, Any]) -> None:
    metadata = notebook.get("metadata")
    found = metadata.get("language_info") if isinstance(metadata, dict) else None
    language = found.get("name", "python") if isinstance(found, dict) else "python"
    if str(language).lower() not in ("python", "ipython"):
        raise InvalidValueError(f"the notebook is in {language!r:.40}; only Python notebooks can be reproduced")


def _files(artifacts: Artifacts, folder: str) -> Iterator[str]:
    """The files in a folder of artifacts and below it."""
    pending, count = [folder], 0
    while pending:
        for entry in artifacts.list(pending.pop()):
            if entry.is_dir:
                pending.append(entry.path)
            elif count < MAX_FILES:
                count += 1
                yield entry.path


def _beside(source: str, notebook: str, run: Run, places: Places) -> str:
    """Where a file kept with the notebook goes; empty for the notebook, and for a path that leaves its folder."""
    target = place_beside(PurePosixPath(source).relative_to(REVISION_FOLDER), run, places)
    is_wanted = source not in (notebook, MANIFEST) and target.suffix != ".ipynb"
    return str(target) if is_wanted and is_safe(target) else ""
