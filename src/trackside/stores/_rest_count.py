"""Counting what a search finds on a server that can only list it, without listing it.

MLflow's page tokens say at which row a page starts, so a token for any row can be made and the last row be found by
halving: some thirty answers of one row each for a hundred thousand rows, and one answer where the count is as it was
before. A server whose tokens are of another form is asked for page after page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

Look = Callable[["str | None", int], "tuple[int, str | None]"]
"""Given a page token and a size, fetches a page and tells how many rows it has, and the next page's token."""

_PAGE_SIZE = 1000
_FIRST_GUESS = 32


def count_rows(look: Look, guess: int | None) -> int:
    """How many rows there are. ``guess`` is how many there were before."""
    rows, token = look(None, 1)
    if token is None:
        return rows
    if read_offset(token) != 1:
        return rows + _count_pages(look, token)
    if guess and guess > 1 and look(offset_token(guess - 1), 2)[0] == 1:
        return guess
    return _find_end(lambda row: look(offset_token(row), 1)[0] > 0, guess or _FIRST_GUESS)


def offset_token(row: int) -> str | None:
    """The token of the page that starts at a row, as MLflow makes it."""
    return base64.b64encode(json.dumps({"offset": row}).encode()).decode() if row else None


def read_offset(token: str) -> int | None:
    """The row at which a page starts, or None where the token is not of MLflow's form."""
    try:
        parsed = json.loads(base64.b64decode(token, validate=True))
    except ValueError:
        return None
    row = parsed.get("offset") if isinstance(parsed, dict) and len(parsed) == 1 else None
    return row if type(row) is int else None


def _find_end(has_row: Callable[[int], bool], near: int) -> int:
    """The first row that is not there: in growing steps away from ``near``, then by halving."""
    step = 1
    if has_row(near):
        low = near
        while has_row(low + step):
            low, step = low + step, step * 2
        high = low + step
    else:
        high = near
        while high > step and not has_row(high - step):
            high, step = high - step, step * 2
        low = max(high - step, 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if has_row(middle) else (low, middle)
    return high


def _count_pages(look: Look, token: str | None) -> int:
    count = 0
    while token is not None:
        rows, next_token = look(token, _PAGE_SIZE)
        count += rows
        token = next_token if rows and next_token != token else None
    return count
