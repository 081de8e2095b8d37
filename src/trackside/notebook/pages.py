"""Where the site that hosts a git repository shows it: GitHub, GitLab and Bitbucket. Only https links are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_SCP = re.compile(r"(?:[\w.~-]+@)?([\w.-]+):(?!/)(.+)")
_HOST = re.compile(r"[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)+(:\d{1,5})?")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_PATHS = {
    "github": ("/commit/{}", "/tree/HEAD"),
    "gitlab": ("/-/commit/{}", "/-/tree/HEAD"),
    "bitbucket": ("/commits/{}", "/src/HEAD"),
}
_SITES = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}


@dataclass(frozen=True, slots=True)
class RepositoryPages:
    """The pages of a repository."""

    repository: str
    _site: str

    def commit(self, commit: str) -> str:
        """The page of a commit; empty where that is no full or short hash."""
        return self.repository + _PATHS[self._site][0].format(commit) if _COMMIT.fullmatch(commit) else ""

    @property
    def main_branch(self) -> str:
        """The page of the default branch."""
        return self.repository + _PATHS[self._site][1]


def pages_of(remote: str) -> RepositoryPages | None:
    """The pages of a repository by the URL of its remote, of any form that git takes; credentials are left out.

    Hosts of companies are known by names such as ``gitlab.example.com`` and ``github.example.com``.
    """
    host, path = _split(remote.strip())
    site = _SITES.get(host) or _own_site(host)
    parts = path.strip("/").removesuffix(".git").split("/")
    if not site or not _HOST.fullmatch(host) or len(parts) < 2 or not all(_is_plain(part) for part in parts):
        return None
    return RepositoryPages(f"https://{host}/{'/'.join(quote(part, safe='~') for part in parts)}", site)


def _own_site(host: str) -> str:
    """The site that a company's host is; empty for one that only looks like a public one."""
    if host.startswith(tuple(f"{public}." for public in _SITES)):
        return ""
    return next((name for name in ("github", "gitlab") if host.startswith(f"{name}.")), "")


def _split(remote: str) -> tuple[str, str]:
    """The host, with its port where pages are served there, and the path."""
    try:
        parts = urlsplit(remote)
        scheme, name, port = parts.scheme.lower(), (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return "", ""
    if scheme in ("http", "https", "ssh", "git", "git+ssh", "ssh+git") and name:
        return (f"{name}:{port}" if scheme == "https" and port not in (None, 443) else name), parts.path
    scp = _SCP.fullmatch(remote)
    return (scp[1].lower(), scp[2]) if scp and "://" not in remote else ("", "")


def _is_plain(part: str) -> bool:
    """Whether a part of a path is a name: no control characters, no way up."""
    return bool(part) and part.strip(".") != "" and part.isprintable() and not set(part) & set('?#\\"<> ')
