"""Finding runs on a server: what it understands is asked of it, the rest is decided here, page by page.

Nothing is cut off in silence. A search that the server can answer whole costs one request for a page. Where conditions
are left over, the runs that the server finds are looked through until a page is full. Where the server cannot order as
was asked, all runs that it finds are looked through for each page.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage, Metric, Page, Run
from trackside.errors import InvalidValueError
from trackside.search.matches import Evidence, matches, sort_key
from trackside.search.to_mlflow import split
from trackside.stores._rest_count import count_rows
from trackside.stores._wire import read_answer, read_dataset_uses, read_run
from trackside.stores.base import LARGEST_PAGE

if TYPE_CHECKING:
    from trackside.stores.base import RunQuery

_PLAIN_KEY = re.compile(r"[\w/.\- :]+")
_AMBIGUOUS = re.compile(r"[\\\x00-\x1f]")
"""What a server's parser may take for something else inside quotes."""
_SMALLEST_SCAN = 100
_LARGEST_SCAN = 1000
_SCAN_TOKEN = re.compile(r"(?P<size>[0-9]{1,5})\.(?P<skip>[0-9]{1,5})\.(?P<token>.*)", re.DOTALL)
_OFFSET_TOKEN = re.compile(r"\+(?P<offset>[0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Sources:
    """What a search asks a server for.

    Attributes:
        server: Its name for messages.
        runs: The answer to a search request.
        history: All points of a run's metric.
        model_versions: How many model versions come from each run that has any.
    """

    server: str
    runs: Callable[[Mapping[str, object]], dict[str, Any]]
    history: Callable[[str, str], Sequence[Metric]]
    model_versions: Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class _ServerPage:
    token: str | None
    rows: tuple[Evidence, ...]
    next_token: str | None


class RunSearch:
    """One search. What it finds is in the order that the query asks for.

    Raises:
        InvalidValueError: A page cannot have less than one run.
    """

    def __init__(self, query: RunQuery, sources: Sources) -> None:
        if query.max_results < 1:
            raise InvalidValueError(f"max_results must be at least 1, got {query.max_results!r}")
        self._query = query
        self._sources = sources
        self._split = split(query.filter, query.order_by)
        self._wanted = min(query.max_results, LARGEST_PAGE)
        self._body = self._request()

    def page(self) -> Page[Run]:
        """The page that the query asks for."""
        if self._body is None:
            return Page(())
        if self._split.order_here:
            return self._page_ordered_here()
        if self._split.remainder is not None:
            return self._page_filtered_here()
        found = self._fetch(self._query.page_token, self._wanted)
        return Page(tuple(row.run for row in found.rows), found.next_token)

    def count(self, guess: int | None) -> int:
        """How many runs there are on all pages. ``guess`` is how many there were before."""
        if self._body is None:
            return 0
        if self._split.remainder is not None:
            return sum(1 for _ in self._matching())
        return count_rows(self._look, guess)

    def _request(self) -> dict[str, object] | None:
        """What every request of the search holds, or None where nothing can be found."""
        view = view_type(self._query.stages)
        ids = [text for text in self._query.experiment_ids if text.isascii() and text.isdigit()]
        if view is None or not ids:
            return None
        body: dict[str, object] = {"experiment_ids": ids, "run_view_type": view}
        if self._split.filter_text:
            body["filter"] = self._split.filter_text
        if self._split.order_by:
            body["order_by"] = list(self._split.order_by)
        return body

    def _fetch(self, token: str | None, size: int) -> _ServerPage:
        body = {**(self._body or {}), "max_results": size}
        if token:
            body["page_token"] = token
        answer = self._sources.runs(body)
        rows = read_answer(self._sources.server, answer, self._read_rows)
        return _ServerPage(token, rows, answer.get("next_page_token") or None)

    def _read_rows(self, answer: Mapping[str, Any]) -> tuple[Evidence, ...]:
        return tuple(map(self._evidence, answer.get("runs") or ()))

    def _look(self, token: str | None, size: int) -> tuple[int, str | None]:
        found = self._fetch(token, size)
        return len(found.rows), found.next_token

    def _pages(self, token: str | None, size: int) -> Iterator[_ServerPage]:
        while True:
            page = self._fetch(token, size)
            yield page
            if not page.rows or page.next_token in (None, token):
                return
            token = page.next_token

    def _matching(self) -> Iterator[Evidence]:
        for page in self._pages(None, _LARGEST_SCAN):
            yield from (row for row in page.rows if matches(self._split.remainder, row))

    def _page_filtered_here(self) -> Page[Run]:
        """Tokens say on which page of the server to go on, and how many of its runs to leave out."""
        size, skip, token = self._read_scan_token()
        found: list[Run] = []
        for page in self._pages(token, size):
            for place, row in enumerate(page.rows):
                if place < skip or not matches(self._split.remainder, row):
                    continue
                if len(found) == self._wanted:
                    return Page(tuple(found), f"{size}.{place}.{page.token or ''}")
                found.append(row.run)
            skip = 0
        return Page(tuple(found))

    def _page_ordered_here(self) -> Page[Run]:
        """Tokens say how many runs to leave out."""
        first = self._read_offset()
        last = first + self._wanted
        found = heapq.nsmallest(last + 1, self._matching(), key=sort_key(self._split.order_here))
        items = tuple(row.run for row in found[first:last])
        return Page(items, f"+{last}" if len(found) > last else None)

    def _read_scan_token(self) -> tuple[int, int, str | None]:
        text = self._query.page_token
        if text is None:
            return max(_SMALLEST_SCAN, min(_LARGEST_SCAN, 2 * self._wanted)), 0, None
        parts = _SCAN_TOKEN.fullmatch(text)
        if parts is None:
            raise _no_token(text)
        return min(int(parts["size"]), LARGEST_PAGE), int(parts["skip"]), parts["token"] or None

    def _read_offset(self) -> int:
        text = self._query.page_token
        parts = _OFFSET_TOKEN.fullmatch(text or "+0")
        if parts is None:
            raise _no_token(text)
        return int(parts["offset"])

    def _evidence(self, item: Mapping[str, Any]) -> Evidence:
        run = read_run(item)
        run_id = run.info.run_id
        return Evidence(
            run,
            lambda key: self._sources.history(run_id, key),
            lambda: read_answer(self._sources.server, item, read_dataset_uses),
            lambda: self._model_versions.get(run_id, 0),
        )

    @cached_property
    def _model_versions(self) -> Mapping[str, int]:
        return self._sources.model_versions()


def view_type(stages: Sequence[LifecycleStage]) -> str | None:
    """How the API names a set of lifecycle stages, or None for the empty one."""
    wanted = set(stages)
    if len(wanted) == 2:
        return "ALL"
    if not wanted:
        return None
    return "ACTIVE_ONLY" if LifecycleStage.ACTIVE in wanted else "DELETED_ONLY"


def equals_filter(key: str, value: str) -> str | None:
    """The filter that finds what carries exactly this tag, or None where it cannot be said.

    The grammar has no escapes: a value that holds both kinds of quotes cannot be written. Servers whose database
    compares without regard to case find more than was asked for.
    """
    quote = next((mark for mark in ("'", '"') if mark not in value), None)
    if quote is None or not _PLAIN_KEY.fullmatch(key) or _AMBIGUOUS.search(value) or value != value.strip():
        return None
    return f"tags.`{key}` = {quote}{value}{quote}"


def _no_token(text: str | None) -> InvalidValueError:
    return InvalidValueError(f"{text!r} is no page token", hint="Pass the token of the page before, unchanged.")
