"""URLs of repositories and archives, without the credentials that people put into them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SECRET = re.compile(r"token|key|secret|passw|signature|sig$|credential|auth", re.IGNORECASE)
_USER = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@]+@", re.IGNORECASE)


def without_credentials(url: str) -> str:
    """The URL without user name, password and secret parameters; the user of an SSH address is no secret and stays."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return re.sub(r"//[^/]*@", "//", url)
    if not parts.netloc:
        return url
    user = f"{parts.username}@" if parts.username and "ssh" in parts.scheme else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.netloc.rpartition("@")[2].partition(":")[0]
    query = _public(parts.query) if parts.query else ""
    return urlunsplit((parts.scheme, f"{user}{host}{port}", parts.path, query, parts.fragment))


def _public(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(_SECRET.search(name) for name, _ in pairs):
        return query
    return urlencode([pair for pair in pairs if not _SECRET.search(pair[0])])


def without_credentials_in(text: str) -> str:
    """A text in which no URL has user name and password any more."""
    return _USER.sub(r"\1", text)
