"""Where a statement starts to look for runs, and what that costs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from trackside.search._copies import MOST, Place, can_copy, find_copy, make_copies
from trackside.search._sql import TRUE, Sql
from trackside.search.nodes import (
    And,
    Comparison,
    Condition,
    Field,
    Kind,
    Membership,
    Not,
    Operator,
    Or,
    OrderBy,
    leaves,
)
from trackside.search.to_sql import RUNS_INDEX, VALUES_INDEX, Compiler, Lookup, Tables

_SAMPLE = 300
_COUNTED = 3000
_COUNTED_IN_RANGE = 10_000
_SMALL = 1000
"""A database with fewer runs is not worth a thought."""
_STEP = 3
"""What it costs to look at one run more closely, in rows that are only read."""
_SEEK = 8
"""What it costs to find the row of a run by its key, in rows that are collected in order."""
_MAX_SAMPLED = 8
_TO_RUNS = " CROSS JOIN runs AS r ON r.run_uuid = d.run_uuid"
_COPIED = ("latest_metrics", "params", "tags")
_OF_COPY = 0.2
"""What it costs to read a row of a copy."""


@dataclass(frozen=True, slots=True)
class Source:
    """The tables that lead a statement.

    Attributes:
        tables: What comes after FROM; the row of ``runs`` is called ``r``, and what leads to it ``d``.
        run: The expression for the run's id.
        test: What the leading rows must fulfil.
        answered: The condition that is decided with that.
        collected: The conditions for which the runs are better collected first.
        copies: Where the rows of some tables and keys are copied.
    """

    tables: Sql
    run: str = "r.run_uuid"
    test: Sql = TRUE
    answered: Condition | None = None
    collected: frozenset[Condition] = frozenset()
    copies: Mapping[Place, str] = field(default_factory=dict)


_EVERY_RUN = Source(Sql("runs AS r"))


@dataclass(frozen=True, slots=True)
class _Start:
    """A source for all runs that fulfil one condition: how many these are, and how many rows must be read for that."""

    source: Source
    matching: float
    rows: float
    is_range: bool = False
    copied: Place | None = None
    """Whose rows are better read from a copy."""

    @property
    def cost(self) -> float:
        return self.rows + self.matching * _STEP


class Sources:
    """Chooses where a search starts.

    Args:
        db: The database, inside of a transaction.
        tables: What it consists of.
        scope: The condition for being in the right experiments and stages.
        conditions: What runs must fulfil besides.
    """

    def __init__(self, db: sqlite3.Connection, tables: Tables, scope: Sql, conditions: tuple[Condition, ...]) -> None:
        self._db = db
        self._tables = tables
        self._scope = scope
        self._conditions = conditions
        self._samples: dict[Lookup, tuple[float, float]] = {}

    @cached_property
    def cheapest(self) -> Source:
        """The best start for gathering all runs that fulfil the conditions."""
        if not self._conditions:
            return _EVERY_RUN
        best = self._best
        source = replace(best.source, collected=self._collected(best.matching))
        if best.source is _EVERY_RUN:
            return replace(source, copies=make_copies(self._db, self._to_copy[:MOST]))
        if best.copied is None:
            return source
        others = self._to_copy if best.matching >= _COUNTED else []
        copies = make_copies(self._db, list(dict.fromkeys((best.copied, *others)))[:MOST])
        return replace(source, tables=Sql(f"{copies[best.copied]} AS d{_TO_RUNS}"), copies=copies)

    def walk_runs(self, wanted: int) -> Source | None:
        """The way through the runs from the newest on, if that finds ``wanted`` runs soonest."""
        if RUNS_INDEX not in self._tables.indexes:
            return None
        source = Source(Sql(f"runs AS r INDEXED BY {RUNS_INDEX}"))
        if not self._conditions:
            return source
        return self._if_cheap(source, min(wanted / self._share, self._runs_in_scope))

    def walk_metric(self, step: OrderBy, wanted: int) -> Source | None:
        """The way along the values of a metric, if that finds ``wanted`` runs soonest."""
        if VALUES_INDEX not in self._tables.indexes:
            return None
        tables = Sql(f"latest_metrics AS d INDEXED BY {VALUES_INDEX}{_TO_RUNS}")
        source = Source(tables, "d.run_uuid", Sql("d.key = ?", (step.field.key,)))
        share = self._share * self._runs_in_scope / max(1, self._run_count)
        return self._if_cheap(source, min(wanted / max(share, 1e-9), self._run_count))

    def _if_cheap(self, source: Source, steps: float) -> Source | None:
        return replace(source, collected=self._collected(steps)) if steps * _STEP <= self._best.cost else None

    def _collected(self, runs: float) -> frozenset[Condition]:
        """The conditions with fewer rows to collect than it costs to look at each of so many runs."""
        ranges = [start for start in self._keyed if start.is_range] if self._run_count >= _SMALL else []
        cheap = (start.source.answered for start in ranges if start.rows <= runs * _SEEK)
        return frozenset(condition for condition in cheap if condition)

    @cached_property
    def _to_copy(self) -> list[Place]:
        """What is copied for conditions that many runs are looked at for.

        Looking for the row of each run costs more than to read all rows of the key once, above all from a disk: rows
        of single runs lie all over the file.
        """
        if self._run_count < _SMALL:
            return []
        lookups = {lookup.place: lookup for leaf in leaves(self._conditions) if (lookup := self._lookup(leaf))}
        known = {start.copied for start in self._keyed}
        places = [place for place, lookup in lookups.items() if place in known or self._is_worth_a_copy(lookup)]
        if not places or self._count(Sql("SELECT 1 FROM runs AS r WHERE ") + self._scope, _COUNTED) < _COUNTED:
            return []
        return places

    def _is_worth_a_copy(self, lookup: Lookup) -> bool:
        if lookup.source not in _COPIED or lookup.test == TRUE:
            return False
        if lookup.source == "latest_metrics" and VALUES_INDEX in self._tables.indexes:
            return False
        if find_copy(self._db, *lookup.place):
            return True
        rows, _ = self._sampled(lookup)
        return rows >= _COUNTED and can_copy(self._db, *lookup.place, rows)

    def _lookup(self, leaf: Condition) -> Lookup | None:
        return None if isinstance(leaf, And | Or | Not) else Compiler(self._tables).lookup(leaf, "d")

    @cached_property
    def _best(self) -> _Start:
        by_id = next((start for leaf in self._conditions if (start := _listed(leaf))), None)
        if by_id:
            return by_id
        every_run = _Start(_EVERY_RUN, self._runs_in_scope, 0)
        if self._run_count < _SMALL:
            return every_run
        return min((every_run, *self._keyed), key=lambda start: start.cost)

    @cached_property
    def _run_count(self) -> int:
        (count,) = self._db.execute("SELECT coalesce(max(rowid), 0) FROM runs").fetchone()
        return int(count)

    @cached_property
    def _runs_in_scope(self) -> int:
        if RUNS_INDEX not in self._tables.indexes:
            return self._run_count
        counted = self._count(Sql("SELECT 1 FROM runs AS r WHERE ") + self._scope, _COUNTED)
        return counted if counted < _COUNTED else max(counted, self._run_count)

    @cached_property
    def _share(self) -> float:
        """Which part of all runs fulfils the conditions, as if these had nothing to do with each other."""
        share = 1.0
        if self._run_count >= _SMALL:
            for start in self._keyed:
                share *= start.matching / self._run_count
        return max(share, 1 / max(1, self._run_count))

    @cached_property
    def _keyed(self) -> list[_Start]:
        """The starts from the rows of a key."""
        found: list[_Start] = []
        for leaf in self._conditions:
            lookup = self._lookup(leaf)
            if lookup and not lookup.source.startswith("(") and len(found) < _MAX_SAMPLED:
                found.append(self._start(leaf, lookup))
        return found

    def _start(self, leaf: Condition, lookup: Lookup) -> _Start:
        rows, share = self._sampled(lookup)
        test = Sql("d.key = ? AND ", (lookup.key,)) + lookup.test
        if lookup.source == "latest_metrics" and VALUES_INDEX in self._tables.indexes:
            index = f" INDEXED BY {VALUES_INDEX}"
            rows = self._count_exactly(lookup, index, rows * share)
            return _Start(_from_key(lookup.source + " AS d" + index, test, leaf), rows, rows, is_range=True)
        copied = lookup.place if self._is_worth_a_copy(lookup) else None
        copy = find_copy(self._db, *lookup.place) if copied else None
        source = _from_key(f"{copy or lookup.source} AS d", test, leaf)
        return _Start(source, rows * share, rows * (_OF_COPY if copy else 1), copied=copied)

    def _sampled(self, lookup: Lookup) -> tuple[float, float]:
        """How many rows a key has, and which part of them passes the test; looked up once."""
        if lookup not in self._samples:
            self._samples[lookup] = self._sample(lookup)
        return self._samples[lookup]

    def _sample(self, lookup: Lookup) -> tuple[float, float]:
        """The same from the first rows: ids are random, so these tell."""
        sample = f"SELECT * FROM {lookup.source} WHERE key = ? ORDER BY run_uuid LIMIT {_SAMPLE}"
        sql = Sql("SELECT count(*), total(") + lookup.test + Sql(f") FROM ({sample}) AS d", (lookup.key,))
        count, passed = self._db.execute(sql.text, sql.values).fetchone()
        if count < _SAMPLE:
            return count, passed / max(1, count)
        counted = self._count(Sql(f"SELECT 1 FROM {lookup.source} WHERE key = ?", (lookup.key,)), _COUNTED)
        rows = counted if counted < _COUNTED else max(counted, self._run_count)
        return rows, max(passed, 0.1) / count

    def _count_exactly(self, lookup: Lookup, index: str, guess: float) -> float:
        rows = Sql(f"SELECT 1 FROM {lookup.source} AS d{index} WHERE d.key = ? AND ", (lookup.key,)) + lookup.test
        counted = self._count(rows, _COUNTED_IN_RANGE)
        return counted if counted < _COUNTED_IN_RANGE else max(counted, guess)

    def _count(self, rows: Sql, limit: int) -> int:
        sql = "SELECT count(*) FROM (" + rows + f" LIMIT {limit})"
        (count,) = self._db.execute(sql.text, sql.values).fetchone()
        return int(count)


def _from_key(rows: str, test: Sql, leaf: Condition) -> Source:
    return Source(Sql(rows + _TO_RUNS), "d.run_uuid", test, leaf)


def _listed(leaf: Condition) -> _Start | None:
    """The start from run ids that the filter names."""
    ids: Iterable[object]
    if isinstance(leaf, Comparison) and leaf.operator is Operator.EQ:
        ids = (leaf.value,)
    elif isinstance(leaf, Membership) and not leaf.negated:
        ids = dict.fromkeys(leaf.values)
    else:
        return None
    if leaf.field != Field(Kind.ATTRIBUTE, "run_id"):
        return None
    tables = Sql("json_each(?) AS d CROSS JOIN runs AS r ON r.run_uuid = d.value", (json.dumps(list(ids)),))
    return _Start(Source(tables, answered=leaf), 0, 0)
