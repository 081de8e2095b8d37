"""The installed distributions, read from their directories' names and the first 4 KB of their metadata.

`importlib.metadata` gives the same answer and takes fifty times as long.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from trackside.notebook.urls import without_credentials

_HEAD_BYTES = 4096
_FIRST_LINES = 20
_INFO = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*?)-(?P<version>[^-]+)(-py[0-9.]+(-.+)?)?\.(dist|egg)-info")
_EGG = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*?)-(?P<version>[^-]+)(-py[0-9.]+(-.+)?)?\.egg")
_SEPARATORS = re.compile(r"[-_.]+")
_SITES = {"site-packages", "dist-packages"}


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution.

    Attributes:
        name: Normalised, as package indexes do: lower case, with ``-``.
        version: As its metadata has it.
        direct_url: Where it was installed from if not from an index (PEP 610), without credentials.
    """

    name: str
    version: str
    direct_url: Mapping[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it was installed from, or an empty text."""
        url = self.direct_url.get("url")
        return url if isinstance(url, str) else ""

    @property
    def source_directory(self) -> Path | None:
        """The directory or file on this machine that it was installed from."""
        parts = urlsplit(self.url)
        return Path(url2pathname(parts.path)) if parts.scheme == "file" else None

    @property
    def is_editable(self) -> bool:
        """Whether Python imports it from where its source lies."""
        return _mapping(self.direct_url.get("dir_info")).get("editable") is True


def find_sites(paths: Iterable[str] | None = None) -> list[str]:
    """The directories on Python's path (or on another) that distributions are installed in."""
    explicit = set(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sites = [
        path
        for path in dict.fromkeys(sys.path if paths is None else paths)
        if path and (os.path.basename(path) in _SITES or path in explicit or path.endswith(".egg"))  # noqa: PTH119
    ]
    return [path for path in sites if os.path.isdir(path)]  # noqa: PTH112 - sys.path has texts, and this is quick


def scan(sites: Iterable[str]) -> list[Distribution]:
    """The distributions installed in the directories, by name. Of two with one name the first is the one imported."""
    found: dict[str, Distribution] = {}
    for site in sites:
        for distribution in _scan_site(site):
            found.setdefault(distribution.name, distribution)
    return sorted(found.values(), key=lambda distribution: distribution.name)


def normalise(name: str) -> str:
    """A distribution's name as package indexes spell it."""
    return _SEPARATORS.sub("-", name).lower()


def _scan_site(site: str) -> Iterator[Distribution]:
    if site.endswith(".egg"):
        yield from _present(_read_egg(Path(site)))
        return
    try:
        names = sorted(entry.name for entry in os.scandir(site))
    except OSError:
        return
    for name in names:
        if name.endswith((".dist-info", ".egg-info")):
            yield from _present(_read_info(site, name))
        elif name.endswith(".egg-link"):
            yield from _present(_read_link(Path(site, name)))
        elif name.endswith(".egg"):
            yield from _present(_read_egg(Path(site, name)))


def _present(distribution: Distribution | None) -> tuple[Distribution, ...]:
    return (distribution,) if distribution is not None else ()


def _read_info(site: str, name: str) -> Distribution | None:
    directory = f"{site}{os.sep}{name}"
    head = _head(f"{directory}{os.sep}METADATA") or _head(f"{directory}{os.sep}PKG-INFO") or _head(directory)
    distribution = _from_head(head, _INFO.fullmatch(name))
    direct_url = _read_direct_url(directory) if name.endswith(".dist-info") else {}
    if distribution is None or not direct_url:
        return distribution
    return Distribution(distribution.name, distribution.version, direct_url)


def _read_egg(egg: Path) -> Distribution | None:
    return _from_head(_head(egg / "EGG-INFO" / "PKG-INFO"), _EGG.fullmatch(egg.name))


def _read_link(link: Path) -> Distribution | None:
    """A development install of before PEP 660: a file whose first line is the directory of the source."""
    lines = _head(link).splitlines()
    source = Path(lines[0].strip()) if lines else None
    if source is None or not source.is_dir():
        return None
    for info in sorted(source.glob("*.egg-info")):
        distribution = _from_head(_head(info / "PKG-INFO"), None)
        if distribution is not None:
            direct_url = {"url": source.absolute().as_uri(), "dir_info": {"editable": True}}
            return Distribution(distribution.name, distribution.version, direct_url)
    return None


def _from_head(head: str, file_name: re.Match[str] | None) -> Distribution | None:
    """From the metadata, or where they lack name or version, from the directory's name; None where both do."""
    name, version = _fields(head)
    if name and version:
        return Distribution(normalise(name), version)
    return Distribution(normalise(file_name["name"]), file_name["version"]) if file_name else None


def _fields(head: str) -> tuple[str, str]:
    """Name and version, which stand among the first fields, above any blank line."""
    name = version = ""
    for line in head.split("\n", _FIRST_LINES)[:_FIRST_LINES]:
        key, _, value = line.partition(":")
        if not line.strip() or (name and version):
            break
        if key == "Name":
            name = value.strip()
        elif key == "Version":
            version = value.strip()
    return name, version


def _head(path: str | Path) -> str:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - takes texts and is quick
            return (file.read(_HEAD_BYTES) or b"").decode("utf-8", "replace")
    except OSError:
        return ""


def _read_direct_url(directory: str) -> dict[str, Any]:
    try:
        with open(f"{directory}{os.sep}direct_url.json", "rb") as file:  # noqa: PTH123 - as above
            origin = json.loads(file.read())
    except (OSError, ValueError):
        return {}
    if not isinstance(origin, dict) or not isinstance(origin.get("url"), str):
        return {}
    return {**origin, "url": without_credentials(origin["url"])}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
