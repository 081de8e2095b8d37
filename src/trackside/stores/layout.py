"""Which tables and columns a tracking database has, and what can be done with it because of that.

Files are judged by their columns and not by their version number, because every MLflow since 1.0 made files that
can be read, and most of them can be written.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from trackside.stores import schema, validation

_READ = {
    "experiments": {"experiment_id", "name", "artifact_location", "lifecycle_stage"},
    "runs": {
        *("run_uuid", "experiment_id", "name", "user_id", "status", "start_time", "end_time"),
        *("lifecycle_stage", "artifact_uri"),
    },
    "params": {"key", "value", "run_uuid"},
    "metrics": {"key", "value", "timestamp", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
}
_WRITTEN = {
    "experiments": _READ["experiments"] | {"creation_time", "last_update_time"},
    "experiment_tags": {"key", "value", "experiment_id"},
    "runs": _READ["runs"] | {"source_type", "source_name", "entry_point_name", "source_version", "deleted_time"},
    "params": _READ["params"],
    "metrics": _READ["metrics"] | {"step", "is_nan"},
    "latest_metrics": {"key", "value", "timestamp", "step", "is_nan", "run_uuid"},
    "tags": _READ["tags"],
}
_WRITTEN_WHERE_THERE = {"creation_time", "last_update_time", "deleted_time"}
_TABLES_SQL = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_COLUMNS_SQL = """
SELECT t.name, c.name, c.type, c."notnull" AND c.dflt_value IS NULL AND NOT c.pk
FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND t.name IN
    ('experiments', 'experiment_tags', 'runs', 'params', 'metrics', 'latest_metrics', 'tags')
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it was declared. ``is_required`` says that a row cannot leave it out."""

    type: str
    is_required: bool

    @property
    def width(self) -> int | None:
        """The declared number of characters, or None where the type has none."""
        found = re.search(r"\((\d+)\)", self.type)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class Layout:
    """The tables of one file, read once for each change of its schema."""

    tables: Mapping[str, str]
    """The statement that made each table, by its name."""
    columns: Mapping[str, Mapping[str, Column]]
    indexes: frozenset[str]
    triggers: frozenset[str]
    is_ours: bool
    not_writable: str = field(init=False)
    """Why Trackside must not write the file, or an empty text where it may."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "not_writable", self._why_not_writable())

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the file has this table, or this column in it."""
        return table in self.tables and (column is None or column in self.columns.get(table, {}))

    @property
    def is_empty(self) -> bool:
        """Whether the file has no tables at all, as a file that was just touched."""
        return not self.tables

    @property
    def is_readable(self) -> bool:
        """Whether experiments and runs can be read."""
        return all(columns <= self.columns.get(table, {}).keys() for table, columns in _READ.items())

    @property
    def is_unfinished(self) -> bool:
        """Whether somebody may just be making the file, table by table as MLflow does."""
        return not self.is_readable and self.tables.keys() <= {*_WRITTEN, "alembic_version", "alembic_alembic_version"}

    @cached_property
    def keeps_extremes(self) -> bool:
        """Whether the smallest and largest values of metrics are kept, and all that keeps them is in its place."""
        return schema.EXTREMES.keys() <= self.tables.keys() | self.triggers

    @cached_property
    def missing_indexes(self) -> tuple[str, ...]:
        """The statements that make the extra indexes which a file of ours should have and has not."""
        if not self.is_ours:
            return ()
        return tuple(sql for name, sql in schema.EXTRA_INDEXES.items() if name not in self.indexes)

    @cached_property
    def param_limit(self) -> int:
        """The most characters that a param's value may have here."""
        return self._limit("params", validation.MAX_PARAM_LENGTH)

    @cached_property
    def tag_limit(self) -> int:
        """The most characters that the value of a run's tag may have here."""
        return self._limit("tags", validation.MAX_TAG_LENGTH)

    @cached_property
    def experiment_tag_limit(self) -> int:
        """The most characters that the value of an experiment's tag may have here."""
        return self._limit("experiment_tags", validation.MAX_EXPERIMENT_TAG_LENGTH)

    def _limit(self, table: str, most: int) -> int:
        width = self.columns[table]["value"].width
        return most if width is None else min(most, width)

    def _why_not_writable(self) -> str:
        for table, names in _WRITTEN.items():
            columns = self.columns.get(table, {})
            if missing := names - columns.keys() - _WRITTEN_WHERE_THERE:
                return f"it is of an older form, without {table}.{min(missing)}"
            if unknown := [name for name, column in columns.items() if column.is_required and name not in names]:
                return f"it is of a newer form, with {table}.{unknown[0]} that Trackside does not know"
        if "'FINISHED'" in self.tables["runs"] and "'KILLED'" not in self.tables["runs"]:
            return "it is of an older form, whose runs cannot have the status KILLED"
        return "" if self.has("alembic_version") else "it does not say which version of MLflow made it"


def read_layout(connection: sqlite3.Connection) -> Layout:
    """Look at the tables of an open file."""
    tables = dict(connection.execute(_TABLES_SQL).fetchall())
    columns: dict[str, dict[str, Column]] = {}
    for table, name, type_, is_required in connection.execute(_COLUMNS_SQL):
        columns.setdefault(table, {})[name] = Column(type_, bool(is_required))
    others = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('index', 'trigger')").fetchall()
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    return Layout(
        tables=tables,
        columns=columns,
        indexes=frozenset(name for type_, name in others if type_ == "index"),
        triggers=frozenset(name for type_, name in others if type_ == "trigger"),
        is_ours=application_id == schema.APPLICATION_ID,
    )
