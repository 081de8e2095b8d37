"""Reads dates, ages and lengths of time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

UNITS_MS: Mapping[str, int] = MappingProxyType(
    {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DATE = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<minute>\d\d:\d\d)(?:(?P<second>:\d\d)(?P<fraction>\.\d{1,6})?)?)?"
    r" ?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_SPAN = re.compile(r"(?P<count>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?P<unit>[a-z]+)")


def read_date(text: str) -> tuple[int, int] | None:
    """When the time that a text names begins and when it is over, in milliseconds, or None if it names none.

    A date is as long as its day, ``2026-01-31 12:30`` is as long as that minute. Without ``Z`` or an offset such as
    ``+02:00`` the computer's time zone holds.
    """
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    try:
        begin = _read_clock(found)
        return _to_ms(begin), _to_ms(begin + _length(found))
    except (ValueError, OverflowError, OSError):
        return None


def read_span(text: str) -> int | None:
    """The length of time that a text such as ``90s`` or ``-1.5h`` names, in milliseconds, or None if it names none."""
    found = _SPAN.fullmatch(text)
    if not found or found["unit"] not in UNITS_MS:
        return None
    return int(Decimal(found["count"]) * UNITS_MS[found["unit"]])


def _read_clock(found: re.Match[str]) -> datetime:
    fraction = (found["fraction"] or ".0")[1:].ljust(6, "0")
    clock = f"{found['date']}T{found['minute'] or '00:00'}{found['second'] or ':00'}.{fraction}"
    zone = (found["zone"] or "").replace("Z", "+00:00")
    if zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return datetime.fromisoformat(clock + zone)


def _length(found: re.Match[str]) -> timedelta:
    if found["fraction"]:
        return timedelta(milliseconds=1)
    if found["second"]:
        return timedelta(seconds=1)
    return timedelta(minutes=1) if found["minute"] else timedelta(days=1)


def _to_ms(moment: datetime) -> int:
    return (moment.astimezone(timezone.utc) - _EPOCH) // timedelta(milliseconds=1)
