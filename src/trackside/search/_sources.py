"""Where a statement starts to look for runs, and what that costs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from trackside.search._sql import TRUE, Sql
from trackside.search.nodes import And, Comparison, Condition, Field, Kind, Membership, Not, Operator, Or, OrderBy
from trackside.search.to_sql import Compiler, Lookup, Tables

RUNS_INDEX = "trackside_runs_by_start"
VALUES_INDEX = "trackside_latest_metrics_by_value"

_SAMPLE = 300
_COUNTED = 3000
_SMALL = 1000
"""A database with fewer runs is not worth a thought."""
_STEP = 3
"""What it costs to look at one run more closely, in rows that are only read over."""
_MAX_SAMPLED = 8
_TO_RUNS = " CROSS JOIN runs AS r ON r.run_uuid = d.run_uuid"


@dataclass(frozen=True, slots=True)
class Source:
    """The tables that lead a statement.

    Attributes:
        tables: What comes after FROM; the row of ``runs`` is called ``r``, and what leads to it ``d``.
        run: The expression for the run's id.
        test: What the leading rows must fulfil.
        answered: The condition that is decided with that.
        cost: How many rows will be looked at, about.
    """

    tables: Sql
    run: str = "r.run_uuid"
    test: Sql = TRUE
    answered: Condition | None = None
    cost: float = 0


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

    @cached_property
    def cheapest(self) -> Source:
        """The best start for gathering all runs that fulfil the conditions."""
        by_id = next((source for leaf in self._conditions if (source := _listed(leaf))), None)
        if by_id:
            return by_id
        every_run = Source(Sql("runs AS r"), cost=self._runs_in_scope * _STEP)
        if self._run_count < _SMALL:
            return every_run
        return min((every_run, *(source for source, _ in self._keyed)), key=lambda source: source.cost)

    def walks_runs(self, wanted: int) -> bool:
        """Whether going through the runs from the newest on finds ``wanted`` of them soonest."""
        if RUNS_INDEX not in self._tables.indexes:
            return False
        if not self._conditions:
            return True
        steps = min(wanted / self._share, self._runs_in_scope)
        return steps * _STEP <= self.cheapest.cost

    def walk_metric(self, step: OrderBy, wanted: int) -> Source | None:
        """The way along the values of a metric, if that finds ``wanted`` runs soonest."""
        if VALUES_INDEX not in self._tables.indexes:
            return None
        source = Source(
            Sql(f"latest_metrics AS d INDEXED BY {VALUES_INDEX}{_TO_RUNS}"),
            "d.run_uuid",
            Sql("d.key = ?", (step.field.key,)),
        )
        share = self._share * self._runs_in_scope / max(1, self._run_count)
        steps = min(wanted / max(share, 1e-9), self._run_count)
        return source if steps * _STEP <= self.cheapest.cost else None

    @cached_property
    def _run_count(self) -> int:
        (count,) = self._db.execute("SELECT coalesce(max(rowid), 0) FROM runs").fetchone()
        return int(count)

    @cached_property
    def _runs_in_scope(self) -> int:
        if RUNS_INDEX not in self._tables.indexes:
            return self._run_count
        counted = self._count(Sql("SELECT 1 FROM runs AS r WHERE ") + self._scope)
        return counted if counted < _COUNTED else max(counted, self._run_count)

    @cached_property
    def _share(self) -> float:
        """Which part of all runs fulfils the conditions, as if these had nothing to do with each other."""
        share = 1.0
        if self._run_count >= _SMALL:
            for _, matching in self._keyed:
                share *= matching / self._run_count
        return max(share, 1 / max(1, self._run_count))

    @cached_property
    def _keyed(self) -> list[tuple[Source, float]]:
        """The starts from a key's rows, each with the number of runs that fulfil its condition."""
        found: list[tuple[Source, float]] = []
        for leaf in self._conditions:
            lookup = None if isinstance(leaf, And | Or | Not) else Compiler(self._tables).lookup(leaf, "d")
            if lookup and not lookup.source.startswith("(") and len(found) < _MAX_SAMPLED:
                found.append(self._estimated(leaf, lookup))
        return found

    def _estimated(self, leaf: Condition, lookup: Lookup) -> tuple[Source, float]:
        rows, share = self._sampled(lookup)
        matching, index = rows * share, ""
        if lookup.source == "latest_metrics" and VALUES_INDEX in self._tables.indexes:
            index = f" INDEXED BY {VALUES_INDEX}"
            rows = matching = self._count_exactly(lookup, index, matching)
        source = Source(
            Sql(f"{lookup.source} AS d{index}{_TO_RUNS}"),
            "d.run_uuid",
            Sql("d.key = ? AND ", (lookup.key,)) + lookup.test,
            leaf,
            rows + matching * _STEP,
        )
        return source, matching

    def _sampled(self, lookup: Lookup) -> tuple[float, float]:
        """How many rows a key has, and which part of them passes the test; ids are random, so the first tell."""
        sample = f"SELECT * FROM {lookup.source} WHERE key = ? LIMIT {_SAMPLE}"
        sql = Sql("SELECT count(*), total(") + lookup.test + Sql(f") FROM ({sample}) AS d", (lookup.key,))
        count, passed = self._db.execute(sql.text, sql.values).fetchone()
        if count < _SAMPLE:
            return count, passed / max(1, count)
        counted = self._count(Sql(f"SELECT 1 FROM {lookup.source} WHERE key = ?", (lookup.key,)))
        rows = counted if counted < _COUNTED else max(counted, self._run_count)
        return rows, max(passed, 0.5) / count

    def _count_exactly(self, lookup: Lookup, index: str, guess: float) -> float:
        rows = Sql(f"SELECT 1 FROM {lookup.source} AS d{index} WHERE d.key = ? AND ", (lookup.key,)) + lookup.test
        counted = self._count(rows)
        return counted if counted < _COUNTED else max(counted, guess)

    def _count(self, rows: Sql) -> int:
        sql = "SELECT count(*) FROM (" + rows + f" LIMIT {_COUNTED})"
        (count,) = self._db.execute(sql.text, sql.values).fetchone()
        return int(count)


def _listed(leaf: Condition) -> Source | None:
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
    return Source(tables, answered=leaf)
