"""Conditions and orders of experiments as SQL over MLflow's tables in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.search._sql import FALSE, TRUE, Sql, joined, negated, total
from trackside.search._sql_holds import holds
from trackside.search.experiments import ID, complete_order
from trackside.search.nodes import And, Condition, Field, Kind, Leaf, Not, Or, OrderBy, Presence

if TYPE_CHECKING:
    from trackside.search.to_sql import Tables

_TAG = "SELECT {} FROM experiment_tags AS m WHERE m.experiment_id = e.experiment_id AND m.key = ?"


@dataclass(frozen=True, slots=True)
class ExperimentCompiler:
    """Turns trees into SQL for one database, in which ``e`` is the row of ``experiments``."""

    tables: Tables

    def condition(self, condition: Condition | None) -> Sql:
        """A condition; NULL counts as false. All experiments fulfil None."""
        if condition is None:
            return TRUE
        if isinstance(condition, Not):
            return negated(self.condition(condition.condition))
        if isinstance(condition, And | Or):
            word = " AND " if isinstance(condition, And) else " OR "
            return "(" + joined(word, map(self.condition, condition.conditions)) + ")"
        return self._leaf(condition)

    def order(self, order: Sequence[OrderBy]) -> Sql:
        """What comes after ORDER BY; what is missing comes last."""
        return joined(", ", map(self._step, complete_order(order)))

    def _leaf(self, leaf: Leaf) -> Sql:
        if leaf.field.kind is not Kind.TAG:
            return holds(Sql(self._column(leaf.field)), leaf)
        if not self.tables.has("experiment_tags"):
            return TRUE if isinstance(leaf, Presence) and not leaf.present else FALSE
        rows = Sql("EXISTS (" + _TAG.format("1"), (leaf.field.key,))
        if isinstance(leaf, Presence):
            found = total(rows + ")")
            return found if leaf.present else negated(found)
        return total(rows + " AND " + holds(Sql("m.value"), leaf) + ")")

    def _step(self, step: OrderBy) -> Sql:
        if step.field == ID:
            return Sql(f"e.experiment_id {step.direction}")
        value = self._tag(step.field) if step.field.kind is Kind.TAG else Sql(self._column(step.field))
        return value + " IS NULL, " + value + f" {step.direction}"

    def _tag(self, field: Field) -> Sql:
        if not self.tables.has("experiment_tags"):
            return Sql("NULL")
        return Sql("(" + _TAG.format("m.value") + ")", (field.key,))

    def _column(self, field: Field) -> str:
        if field == ID:
            return "CAST(e.experiment_id AS TEXT)"
        return f"e.{field.key}" if self.tables.has("experiments", field.key) else "NULL"
