"""Finds the ids of runs in a SQLite database, a page at a time, in the way that costs least.

There are two ways to a page. One *walks* along an index in the order that is asked for and stops when the page is
full; the other *gathers* all runs that fulfil the conditions, starting from the key with the fewest rows, and sorts
them. Which one is cheaper depends on how many runs fulfil the conditions; a sample of the rows tells.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trackside.search._sources import Source, Sources
from trackside.search._sql import TRUE, Sql, all_of
from trackside.search.nodes import Condition, Filter, Function, Kind, OrderBy, Presence
from trackside.search.to_sql import Compiler, Tables, scope_sql

_NEWEST_FIRST = "r.start_time DESC, r.run_uuid"
_START_OR_FIRST = f"ifnull(r.start_time, {-(2**63)})"
"""Runs without a start time come last."""
_MAX_PARTS = 30
_MAX_LATELY_MADE = 10_000


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for.

    Attributes:
        experiment_numbers: The experiments, by their number in the database.
        stages: The lifecycle stages, as ``active``.
        filter: What runs must fulfil, or None.
        order: The order, before start time and id.
    """

    experiment_numbers: tuple[int, ...]
    stages: tuple[str, ...]
    filter: Filter | None = None
    order: tuple[OrderBy, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The run before a page, in the order by start time and id."""

    start_time: int | None
    run_id: str


def find_run_ids(
    db: sqlite3.Connection, tables: Tables, search: Search, *, limit: int, offset: int = 0, after: Place | None = None
) -> list[str]:
    """The ids of the runs in order: at most ``limit``, without the first ``offset`` or those up to ``after``.

    ``after`` is only for a search without an order of its own.
    """
    finder = _Finder(db, tables, search)
    found: list[str] = []
    for stretch in finder.stretches(limit + offset, after):
        ids = finder.page(stretch, limit - len(found), offset)
        found += ids
        if len(found) == limit:
            break
        offset = 0 if ids or not offset else max(0, offset - finder.count(stretch))
    return found


def find_and_count(db: sqlite3.Connection, tables: Tables, search: Search, *, limit: int) -> tuple[list[str], int]:
    """The ids of the first runs in order, at most ``limit``, and how many runs there are in all."""
    finder = _Finder(db, tables, search)
    first = next(finder.stretches(limit, None))
    if finder.is_whole(first):
        return finder.page_and_count(first, limit)
    ids = find_run_ids(db, tables, search, limit=limit)
    return ids, len(ids) if len(ids) < limit else finder.count(finder.all_runs)


def count_runs(db: sqlite3.Connection, tables: Tables, search: Search) -> int:
    """How many runs the search finds."""
    finder = _Finder(db, tables, search)
    return finder.count(finder.all_runs)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of the answer: its runs come before those of the next stretch.

    Attributes:
        source: Where the search for them starts.
        conditions: What they fulfil.
        extra: What they fulfil besides.
        leading: What they are ordered by first.
        order: What they are ordered by then.
        is_walk: Whether experiments and stages are gone through one by one, each along the index.
    """

    source: Source
    conditions: tuple[Condition, ...]
    extra: Sql = TRUE
    leading: str = ""
    order: tuple[OrderBy, ...] = ()
    is_walk: bool = False


class _Finder:
    def __init__(self, db: sqlite3.Connection, tables: Tables, search: Search) -> None:
        self._db = db
        self._tables = tables
        self._search = search
        self._conditions = search.filter.conjuncts if search.filter else ()
        self._scope = scope_sql(search.experiment_numbers, search.stages)
        self._sources = Sources(db, tables, self._scope, self._conditions)

    @property
    def all_runs(self) -> _Stretch:
        """The whole answer, for counting."""
        return _Stretch(self._sources.cheapest, self._conditions)

    def stretches(self, wanted: int, after: Place | None) -> Iterator[_Stretch]:
        """The parts of the answer, in order."""
        order, conditions = self._search.order, self._conditions
        walk = self._sources.walk_metric(order[0], wanted) if order and _is_latest_metric(order[0]) else None
        if walk:
            step, order = order[0], order[1:]
            yield _Stretch(walk, conditions, Sql("NOT d.is_nan"), f"d.value {step.direction}, ", order)
            yield _Stretch(walk, conditions, Sql("d.is_nan"), order=order)
            conditions = (*conditions, Presence(step.field, present=False))
        if order:
            yield _Stretch(self._sources.cheapest, conditions, order=order)
        else:
            yield from self._newest_first(conditions, wanted, after)

    def is_whole(self, stretch: _Stretch) -> bool:
        """Whether the stretch is all of the answer, and all of it is gathered whatever the page."""
        return bool(stretch.conditions) and stretch.extra == TRUE and not (stretch.is_walk or stretch.leading)

    def page_and_count(self, stretch: _Stretch, limit: int) -> tuple[list[str], int]:
        """The first ids of a stretch, and how many it has, in one go."""
        sql = self._select("r.run_uuid, count(*) OVER () AS found", stretch, self._scope, ordered=True)
        rows = "SELECT json_group_array(run_uuid), coalesce(max(found), 0) FROM (" + sql + Sql(" LIMIT ?)", (limit,))
        ((ids, count),) = self._run(rows)
        return list(json.loads(ids)), int(count)

    def page(self, stretch: _Stretch, limit: int, offset: int) -> list[str]:
        """The ids of one stretch."""
        if not stretch.is_walk or len(self._search.experiment_numbers) * len(self._search.stages) == 1:
            sql = self._select("r.run_uuid", stretch, self._scope, ordered=True)
            found: list[str] = self._at_once("run_uuid", sql + Sql(" LIMIT ? OFFSET ?", (limit, offset)))
            return found
        rows: list[tuple[int | None, str]] = []
        for number in self._search.experiment_numbers:
            for stage in self._search.stages:
                sql = self._select("r.start_time, r.run_uuid", stretch, scope_sql([number], [stage]), ordered=True)
                rows += self._at_once("json_array(start_time, run_uuid)", sql + Sql(" LIMIT ?", (limit + offset,)))
        rows.sort(key=_newest_first)
        return [run_id for _, run_id in rows[offset : offset + limit]]

    def count(self, stretch: _Stretch) -> int:
        """How many runs a stretch has."""
        ((count,),) = self._run(self._select("count(*)", stretch, self._scope, ordered=False))
        return int(count)

    def _newest_first(self, conditions: tuple[Condition, ...], wanted: int, after: Place | None) -> Iterator[_Stretch]:
        few = len(self._search.experiment_numbers) * len(self._search.stages) <= _MAX_PARTS
        walk = self._sources.walk_runs(wanted) if few else None
        is_scan = walk is None and not conditions and after is None and wanted <= _MAX_LATELY_MADE
        for extra in (self._as_new_as_lately_made(wanted),) if is_scan else _behind(after):
            yield _Stretch(walk or self._sources.cheapest, conditions, extra, is_walk=walk is not None)

    def _as_new_as_lately_made(self, wanted: int) -> Sql:
        """What the newest runs fulfil: to start no earlier than any of as many that were made last.

        Runs are mostly made in the order in which they start, and sorting few of them costs less than sorting all.
        """
        lately = Sql(f"SELECT {_START_OR_FIRST} AS start FROM runs AS r WHERE ") + self._scope
        lately += Sql(" ORDER BY r.rowid DESC LIMIT ?", (wanted,))
        return Sql(f"{_START_OR_FIRST} >= (SELECT min(start) FROM (") + lately + Sql("))")

    def _select(self, columns: str, stretch: _Stretch, scope: Sql, *, ordered: bool) -> Sql:
        source = stretch.source
        compiler = Compiler(self._tables, source.run, source.collected, source.copies)
        open_conditions = (condition for condition in stretch.conditions if condition is not source.answered)
        terms = [compiler.sort_term(step, number) for number, step in enumerate(stretch.order)] if ordered else []
        where = all_of((source.test, stretch.extra, *map(compiler.condition, open_conditions), scope))
        sql = f"SELECT {columns} FROM " + source.tables
        for term in terms:
            sql += term.join
        sql += " WHERE " + where
        if not ordered:
            return sql
        order = "".join(f"{text}, " for term in terms for text in term.terms)
        return sql + f" ORDER BY {stretch.leading}{order}{_NEWEST_FIRST}"

    def _at_once(self, expression: str, rows: Sql) -> list[Any]:
        """The expression for all rows, fetched as one: the user's code gets its turn at each row that is fetched."""
        ((text,),) = self._run(Sql(f"SELECT json_group_array({expression}) FROM (") + rows + ")")
        return list(json.loads(text))

    def _run(self, sql: Sql) -> list[tuple[Any, ...]]:
        return self._db.execute(sql.text, sql.values).fetchall()


def _is_latest_metric(step: OrderBy) -> bool:
    return step.field.kind is Kind.METRIC and step.field.function is Function.LATEST


def _behind(after: Place | None) -> tuple[Sql, ...]:
    """The conditions for coming after a run; those without a start time come last."""
    if after is None:
        return (TRUE,)
    if after.start_time is None:
        return (Sql("r.start_time IS NULL AND r.run_uuid > ?", (after.run_id,)),)
    time, run_id = after.start_time, after.run_id
    earlier = Sql("r.start_time <= ? AND (r.start_time < ? OR r.run_uuid > ?)", (time, time, run_id))
    return (earlier, Sql("r.start_time IS NULL"))


def _newest_first(row: Sequence[Any]) -> tuple[float, str]:
    start_time, run_id = row
    return (math.inf if start_time is None else -start_time), run_id
