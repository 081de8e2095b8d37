"""Pythons that are not on this machine and that uv can fetch: which, from where, and whether they can be had now."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from trackside.reproducing.installers import ask, find_uv

ASK_S = 30.0
"""The longest that a program on this machine may take to answer; from a cold or shared disk that is seconds."""
REACH_S = 3.0
"""The longest that the place may take to answer."""
_ASKED_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A Python that uv knows how to fetch."""

    version: str
    address: str


def find_offer(wanted: str) -> Offer | None:
    """The wanted version, or the latest of the same 3.x; the network is not asked."""
    if os.environ.get("UV_PYTHON_DOWNLOADS") == "never":
        return None
    return _find_offer(wanted, os.environ.get("UV_PYTHON_INSTALL_MIRROR", ""))


def fault_of(offer: Offer) -> str:
    """Why it cannot be fetched now, in words; empty where it lies where uv looks for it, or that cannot be told."""
    return _fault_of(offer.address, int(time.monotonic() // _ASKED_AGAIN_S))


def command(version: str) -> list[str]:
    """The command that fetches a Python, into uv's own folder."""
    return [find_uv() or "uv", "python", "install", version]


def find_fetched(version: str) -> str | None:
    """Where a Python lies that uv fetched."""
    uv = find_uv()
    answer = ask([uv, "python", "find", "--no-project", "--managed-python", version], ASK_S) if uv else None
    return answer.strip() if answer and answer.strip() else None


@lru_cache(maxsize=8)
def _find_offer(wanted: str, _mirror: str) -> Offer | None:
    uv = find_uv()
    if uv is None or not wanted:
        return None
    options = ["--only-downloads", "--all-versions", "--offline", "--output-format", "json"]
    answer = ask([uv, "python", "list", *options, ".".join(wanted.split(".")[:2])], ASK_S)
    try:
        listed = [entry for entry in json.loads(answer or "[]") if entry.get("implementation") == "cpython"]
        offers = [Offer(entry["version"], str(entry.get("url") or "")) for entry in listed if _is_usual(entry)]
    except (ValueError, AttributeError, TypeError, KeyError):
        return None
    return next((offer for offer in offers if offer.version == wanted), offers[0] if offers else None)


def _is_usual(entry: dict[str, object]) -> bool:
    return entry.get("variant", "default") == "default"


@lru_cache(maxsize=32)
def _fault_of(address: str, _minute: int) -> str:
    """Ask once a minute; only that it is there counts, so it is asked for no more than its head."""
    import ssl
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    place = urlsplit(address).netloc or address
    try:
        build_opener(Stay).open(Request(address, method="HEAD"), timeout=REACH_S).close()  # noqa: S310 - uv's own
    except HTTPError as error:
        is_gone = error.code in (404, 410) or error.code >= 500
        return f"{place} answers with {error.code}" if is_gone else ""
    except (OSError, ValueError) as error:
        is_trusted_elsewhere = isinstance(getattr(error, "reason", None), ssl.SSLError)
        return "" if is_trusted_elsewhere else f"{place} cannot be reached"
    return ""
