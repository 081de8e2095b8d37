"""The text of a ``requirements.txt`` that `pip install -r` and `uv pip install -r` rebuild an environment from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

if TYPE_CHECKING:
    from trackside.notebook.distributions import Distribution

_INSTALLER = {"pip"}
"""Left out, because a new environment brings its own and a running pip does not like to replace itself."""
_INSTALLABLE = re.compile(
    r"v?([0-9]+!)?[0-9]+(\.[0-9]+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?"
    r"(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?([-_.]?dev[-_.]?[0-9]*)?(\+[a-z0-9]+([-_.][a-z0-9]+)*)?",
    re.IGNORECASE,
)
"""A version by PEP 440. Linux distributions and conda have others, and one such line makes pip refuse the file."""


def write(distributions: Iterable[Distribution], *, heading: str, sources: Mapping[str, str]) -> str:
    """The requirements of an environment.

    Args:
        distributions: What is installed.
        heading: One line about the environment, for the reader.
        sources: Of editable installs, by distribution name: what is known of their source, such as its commit.
    """
    lines = [f"# {_one_line(heading)}"]
    for distribution in distributions:
        if distribution.name not in _INSTALLER:
            lines.extend(_lines(distribution, sources.get(distribution.name, "")))
    return "\n".join(lines) + "\n"


def _lines(distribution: Distribution, source: str) -> list[str]:
    exact = f"{distribution.name}=={distribution.version}"
    if not _INSTALLABLE.fullmatch(distribution.version):
        return [f"# {_one_line(exact)}  (not a version that pip can install)"]
    if not distribution.url:
        return [exact]
    place = distribution.source_directory
    if place is None:
        return [f"{distribution.name} @ {_remote(distribution)}"]
    if not place.exists():
        return [f"# {exact} was installed from {_one_line(distribution.url)}, which is not there any more", exact]
    if distribution.is_editable:
        return [f"# {exact}, editable{_one_line(source and f', {source}')}", f"-e {distribution.url}"]
    if _vcs(distribution):
        return [f"{distribution.name} @ {_remote(distribution)}"]
    return [f"{distribution.name} @ {distribution.url}{_fragment(distribution)}"]


def _remote(distribution: Distribution) -> str:
    """The URL as pip takes it: ``git+https://…@commit``, or an archive with its hash."""
    url, fragment = urldefrag(distribution.url)
    vcs = _vcs(distribution)
    if vcs and isinstance(vcs.get("vcs"), str) and isinstance(vcs.get("commit_id"), str):
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    return url + (_fragment(distribution) or (f"#{fragment}" if fragment else ""))


def _vcs(distribution: Distribution) -> Mapping[str, Any]:
    info = distribution.direct_url.get("vcs_info")
    return info if isinstance(info, Mapping) else {}


def _fragment(distribution: Distribution) -> str:
    parts = []
    subdirectory = distribution.direct_url.get("subdirectory")
    if isinstance(subdirectory, str) and subdirectory:
        parts.append(f"subdirectory={subdirectory}")
    sha256 = _sha256(distribution.direct_url.get("archive_info"))
    if sha256:
        parts.append(f"sha256={sha256}")
    return f"#{'&'.join(parts)}" if parts else ""


def _sha256(archive: object) -> str:
    if not isinstance(archive, Mapping):
        return ""
    hashes = archive.get("hashes")
    known = hashes.get("sha256") if isinstance(hashes, Mapping) else None
    if isinstance(known, str):
        return known
    old_form = archive.get("hash")
    return old_form.removeprefix("sha256=") if isinstance(old_form, str) and old_form.startswith("sha256=") else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
