"""Conditions and orders as SQL over MLflow's tables in SQLite.

Text takes part in a statement only where this package wrote it; all that comes from a user is a parameter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trackside.search._sql import FALSE, TRUE, Sql, joined, marks, negated, total
from trackside.search._sql_holds import holds
from trackside.search.nodes import (
    RUN_NAME_TAG,
    And,
    Comparison,
    Condition,
    Field,
    Function,
    Kind,
    Leaf,
    Membership,
    Not,
    Operator,
    Or,
    OrderBy,
    Presence,
)

RUNS_INDEX = "trackside_runs_by_start"
VALUES_INDEX = "trackside_latest_metrics_by_value"
"""Indexes that only files made by Trackside have."""
EXTREMES = "trackside_metric_extremes"

_RUN_NAME = Field(Kind.ATTRIBUTE, "run_name")
_MANY_EXPERIMENTS = 200
_COLUMNS = {"start_time": "r.start_time", "end_time": "r.end_time", "duration": "(r.end_time - r.start_time)"}
_LATEST_FROM_HISTORY = """(
    SELECT run_uuid, key, value, {is_nan} AS is_nan, row_number() OVER (
        PARTITION BY run_uuid, key ORDER BY {step} DESC, timestamp DESC, value DESC
    ) AS place FROM metrics
)"""
_MODEL_COUNTS = (
    "SELECT run_id, count(*) AS value FROM model_versions "
    "WHERE run_id IS NOT NULL AND current_stage IS NOT 'Deleted_Internal' GROUP BY run_id"
)


class Tables(Protocol):
    """Which tables, columns and indexes a database has."""

    @property
    def indexes(self) -> frozenset[str]:
        """The names of all indexes."""
        ...

    @property
    def keeps_extremes(self) -> bool:
        """Whether the smallest and largest value of each metric is kept, up to date."""
        ...

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether there is this table, or this column in it."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """Rows that belong to a run by their key: those of ``source`` with ``key`` for which ``test`` holds."""

    source: str
    key: str
    test: Sql

    @property
    def place(self) -> tuple[str, str]:
        """The table and the key."""
        return self.source, self.key

    def exists(self, run: str) -> Sql:
        """Whether a run has such a row."""
        condition = Sql(f"EXISTS (SELECT 1 FROM {self.source} AS m WHERE m.key = ? AND m.run_uuid = {run}", (self.key,))
        return total(condition + " AND " + self.test + ")")

    def within(self, run: str, index: str) -> Sql:
        """The same, by collecting all such rows first, along an index: better for few rows and many runs."""
        return self._collected(run, f"{self.source} AS m INDEXED BY {index}")

    def among(self, run: str, copy: str) -> Sql:
        """The same, by collecting all such rows first from a copy of the key's rows: better for many runs."""
        return self._collected(run, f"{copy} AS m")

    def _collected(self, run: str, rows: str) -> Sql:
        start = Sql(f"{run} IN (SELECT m.run_uuid FROM {rows} WHERE m.key = ? AND ", (self.key,))
        return total(start + self.test + ")")


@dataclass(frozen=True, slots=True)
class SortTerm:
    """One step of an order: the table to join for it, and the terms of ORDER BY."""

    join: Sql
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Turns trees into SQL for one database.

    In what it returns ``r`` is the row of ``runs``, and ``run`` the expression for the run's id: another table's
    column where that table leads, so that SQLite need not look at ``runs`` for runs that fail anyway.
    """

    tables: Tables
    run: str = "r.run_uuid"
    collected: frozenset[Condition] = frozenset()
    """Conditions on metrics whose runs are collected first, along the index of metrics by value."""
    copies: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Where the rows of some tables and keys are copied."""

    def condition(self, condition: Condition, *, negate: bool = False) -> Sql:
        """A condition; NULL counts as false."""
        if isinstance(condition, Not):
            return self.condition(condition.condition, negate=not negate)
        if isinstance(condition, And | Or):
            word = " AND " if isinstance(condition, And) != negate else " OR "
            parts = [self.condition(part, negate=negate) for part in condition.conditions]
            return "(" + joined(word, parts) + ")"
        return negated(self._leaf(condition)) if negate else self._leaf(condition)

    def lookup(self, leaf: Leaf, name: str = "m") -> Lookup | None:
        """The rows of a table called ``name`` that a condition looks for, or None where it is no search by key."""
        if isinstance(leaf, Presence) and not leaf.present:
            return None
        field = leaf.field
        if field.kind is Kind.METRIC and field.function is Function.LATEST:
            return Lookup(self.latest, field.key, _metric_test(leaf, name))
        if field.kind is Kind.METRIC:
            return Lookup(EXTREMES, field.key, _kept_test(leaf, name)) if self.tables.keeps_extremes else None
        if field.kind is Kind.PARAM:
            return Lookup("params", field.key, _loose_test(leaf, name))
        if field.kind is Kind.TAG:
            return Lookup("tags", field.key, _loose_test(leaf, name))
        if field == _RUN_NAME:
            return Lookup("tags", RUN_NAME_TAG, _loose_test(leaf, name))
        return None

    def sort_term(self, step: OrderBy, number: int) -> SortTerm:
        """One step of an order, with ``o`` and its number as the name of the joined table."""
        field, name = step.field, f"o{number}"
        value = f"{name}.value"
        missing = f"{value} IS NULL"
        if field.kind is Kind.ATTRIBUTE and field.key != "models":
            column = self._column(field.key)
            return SortTerm(Sql(""), (f"{column} IS NULL", f"{column} {step.direction}"))
        if field.kind is Kind.ATTRIBUTE:
            return SortTerm(
                self._join(self._model_counts(), name, "run_id"), (f"coalesce({value}, 0) {step.direction}",)
            )
        if field.function is not Function.LATEST and self.tables.keeps_extremes:
            join = self._join_key(field, name) + f" AND {_is_kept(name)}"
            missing = f"CASE WHEN {name}.run_uuid IS NULL THEN 2 ELSE {_kept(field, name)} IS NULL END"
            return SortTerm(join, (missing, f"{_kept(field, name)} {step.direction}"))
        if field.function is not Function.LATEST:
            missing = f"CASE WHEN {name}.run_uuid IS NULL THEN 2 ELSE {value} IS NULL END"
            return SortTerm(
                self._join(_extremes(field, self.is_nan("metrics")), name), (missing, f"{value} {step.direction}")
            )
        if field.kind is Kind.METRIC:
            missing = f"CASE WHEN {name}.is_nan THEN 1 WHEN {value} IS NULL THEN 2 ELSE 0 END"
        return SortTerm(self._join_key(field, name), (missing, f"{value} {step.direction}"))

    @property
    def latest(self) -> str:
        """Where the latest values of metrics are: MLflow before 1.3 had no table of them."""
        if self.tables.has("latest_metrics"):
            return "latest_metrics"
        step = "step" if self.tables.has("metrics", "step") else "0"
        inner = _LATEST_FROM_HISTORY.format(is_nan=self.is_nan("metrics"), step=step)
        return f"(SELECT * FROM {inner} WHERE place = 1)"

    def is_nan(self, table: str) -> str:
        """The column that says that a value is NaN."""
        return "is_nan" if self.tables.has(table, "is_nan") else "0"

    def _leaf(self, leaf: Leaf) -> Sql:
        lookup = self.lookup(Presence(leaf.field, present=True) if isinstance(leaf, Presence) else leaf)
        if lookup:
            found = self._found(leaf, lookup)
            return negated(found) if isinstance(leaf, Presence) and not leaf.present else found
        if leaf.field.kind is Kind.METRIC:
            return self._extreme(leaf)
        if leaf.field.kind is Kind.DATASET:
            return self._dataset(leaf)
        return self._models(leaf) if leaf.field.key == "models" else holds(Sql(self._column(leaf.field.key)), leaf)

    def _found(self, leaf: Leaf, lookup: Lookup) -> Sql:
        if leaf in self.collected:
            return lookup.within(self.run, VALUES_INDEX)
        copy = self.copies.get(lookup.place)
        return lookup.exists(self.run) if copy is None else lookup.among(self.run, copy)

    def _column(self, name: str) -> str:
        if name == "run_id":
            return self.run
        return _COLUMNS.get(name) or ("r.name" if name == "run_name" else f"r.{name}")

    def _extreme(self, leaf: Leaf) -> Sql:
        """A condition on the smallest or largest value: one pass over all points of the metric, for all runs."""
        rows = Sql(f"{self.run} IN (SELECT run_uuid FROM metrics WHERE key = ?", (leaf.field.key,))
        is_nan = self.is_nan("metrics")
        if isinstance(leaf, Presence):
            found = rows + ")"
        elif _is_about_any_point(leaf):
            found = rows + f" AND NOT {is_nan} AND " + holds(Sql("value"), leaf) + ")"
        else:
            value = Sql(_extreme_value(leaf.field, is_nan))
            test = holds(value, leaf)
            test = test + " OR " + value + " IS NULL" if _is_negative(leaf) else test
            found = rows + " GROUP BY run_uuid HAVING " + test + ")"
        found = total(found)
        return negated(found) if isinstance(leaf, Presence) and not leaf.present else found

    def _dataset(self, leaf: Leaf) -> Sql:
        if not (self.tables.has("datasets") and self.tables.has("inputs") and self.tables.has("input_tags")):
            return TRUE if isinstance(leaf, Presence) and not leaf.present else FALSE
        is_context = leaf.field.key == "context"
        tags = "CROSS JOIN input_tags AS t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context' "
        rows = (
            "EXISTS (SELECT 1 FROM inputs AS i CROSS JOIN datasets AS s ON s.dataset_uuid = i.source_id "
            f"{tags if is_context else ''}WHERE i.destination_type = 'RUN' AND i.destination_id = {self.run}"
        )
        if isinstance(leaf, Presence):
            found = Sql(f"{rows})", is_total=True)
            return found if leaf.present else negated(found)
        found = Sql(f"{rows} AND ") + holds(Sql("t.value" if is_context else f"s.{leaf.field.key}"), leaf) + ")"
        return total(found)

    def _models(self, leaf: Leaf) -> Sql:
        """Every run has a number of model versions, which is 0 where none of them names it."""
        if isinstance(leaf, Presence):
            return TRUE if leaf.present else FALSE
        counted = f"SELECT run_id FROM ({self._model_counts()})"
        several = Sql(f"{self.run} IN ({counted} WHERE ") + holds(Sql("value"), leaf) + ")"
        none = Sql(f"{self.run} NOT IN ({counted}) AND ") + holds(Sql("0"), leaf)
        return total("(" + several + " OR " + none + ")")

    def _model_counts(self) -> str:
        return _MODEL_COUNTS if self.tables.has("model_versions") else "SELECT '' AS run_id, 0 AS value WHERE 0"

    def _join(self, rows: str | Sql, name: str, column: str = "run_uuid") -> Sql:
        rows = Sql(rows) if isinstance(rows, str) else rows
        return " LEFT JOIN (" + rows + f") AS {name} ON {name}.{column} = {self.run}"

    def _join_key(self, field: Field, name: str) -> Sql:
        latest = self.latest if field.function is Function.LATEST else EXTREMES
        source = {Kind.METRIC: latest, Kind.PARAM: "params"}.get(field.kind, "tags")
        return Sql(f" LEFT JOIN {source} AS {name} ON {name}.key = ? AND {name}.run_uuid = {self.run}", (field.key,))


def _is_negative(leaf: Comparison | Membership) -> bool:
    """Whether a condition holds for what is not like its value."""
    return leaf.negated if isinstance(leaf, Membership) else leaf.operator is Operator.NE


def _is_about_any_point(leaf: Comparison | Membership) -> bool:
    """Whether a single point decides: the smallest value is below a limit where any is."""
    if isinstance(leaf, Membership):
        return False
    below = leaf.operator in (Operator.LT, Operator.LE)
    above = leaf.operator in (Operator.GT, Operator.GE)
    return below if leaf.field.function is Function.MIN else above


def _kept(field: Field, name: str) -> str:
    """The smallest or largest value in a row of what is kept, looked up anew where points were removed."""
    function = field.function.value.lower()
    points = f"FROM metrics AS h WHERE h.run_uuid = {name}.run_uuid AND +h.key = {name}.key AND NOT h.is_nan"
    column = "lowest" if field.function is Function.MIN else "highest"
    return f"CASE WHEN {name}.is_stale THEN (SELECT {function}(h.value) {points}) ELSE {name}.{column} END"


def _is_kept(name: str) -> str:
    """Whether there still are points of which a row says the extremes."""
    points = f"SELECT 1 FROM metrics AS h WHERE h.run_uuid = {name}.run_uuid AND +h.key = {name}.key"
    return f"(NOT {name}.is_stale OR EXISTS ({points}))"


def _kept_test(leaf: Leaf, name: str) -> Sql:
    there = Sql(_is_kept(name))
    if isinstance(leaf, Presence):
        return there
    value = Sql(_kept(leaf.field, name))
    test = holds(value, leaf)
    return ("(" + test + " OR " + value + " IS NULL)" if _is_negative(leaf) else "(" + test + ")") + " AND " + there


def _extreme_value(field: Field, is_nan: str) -> str:
    return f"{field.function.value.lower()}(CASE WHEN {is_nan} THEN NULL ELSE value END)"


def _extremes(field: Field, is_nan: str) -> Sql:
    value = _extreme_value(field, is_nan)
    return Sql(f"SELECT run_uuid, {value} AS value FROM metrics WHERE key = ? GROUP BY run_uuid", (field.key,))


def _metric_test(leaf: Leaf, name: str) -> Sql:
    """NaN is different from every number, and neither smaller nor larger."""
    if isinstance(leaf, Presence):
        return TRUE
    test = holds(Sql(f"{name}.value"), leaf)
    return "(" + test + f" OR {name}.is_nan)" if _is_negative(leaf) else test + f" AND NOT {name}.is_nan"


def _loose_test(leaf: Leaf, name: str) -> Sql:
    """A test of a param or tag, whose text may be compared with a number."""
    return TRUE if isinstance(leaf, Presence) else holds(Sql(f"{name}.value"), leaf)


def scope_sql(experiment_numbers: Sequence[int], stages: Sequence[str]) -> Sql:
    """The condition that leaves the runs of these experiments in these stages."""
    experiments = marks(experiment_numbers)
    if len(experiment_numbers) > _MANY_EXPERIMENTS:
        experiments = Sql("SELECT value FROM json_each(?)", (json.dumps(experiment_numbers),))
    return "r.experiment_id IN (" + experiments + ") AND r.lifecycle_stage IN (" + marks(stages) + ")"
