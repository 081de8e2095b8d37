"""Random experiments, written into a database, and filters and orders that fit them."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import strategies as st

from trackside.entities import Experiment, LifecycleStage

from .search_filters import (
    ALL_TEXT_SIGNS,
    LOOSE_NUMBERS,
    PLAIN_TEXTS,
    SIGNS,
    TEXT_SIGNS,
    compared,
    listed,
    mlflow_quoted,
    nested,
    quoted,
)
from .search_world import TEXTS

TAGS = ("team", "a b", "größe", "name", "it's")
TIMES = (0, 1, 5, 1000, 86_400_000, 1_700_000_000_000)
_TIME_VALUES = ("0", "1", "5", "1000", "86400000", "1700000000000", "-1")


def fill(path: Path, seed: int, count: int = 60) -> list[Experiment]:
    """Write random experiments into a database that has MLflow's tables and nothing else, and return them."""
    dice = random.Random(seed)
    with closing(sqlite3.connect(path)) as db:
        made = [_insert(db, dice, number) for number in range(1, count + 1)]
        db.commit()
    return made


def _insert(db: sqlite3.Connection, dice: random.Random, number: int) -> Experiment:
    text = dice.choice(TEXTS)
    name = text if text and not db.execute("SELECT 1 FROM experiments WHERE name = ?", (text,)).fetchone() else ""
    stage = dice.choice((*LifecycleStage, LifecycleStage.ACTIVE))
    tags = {key: dice.choice(TEXTS) for key in TAGS if dice.random() < 0.6}
    made = Experiment(
        str(number), name or f"e{number}", f"/a/{number}", stage, dice.choice(TIMES), dice.choice(TIMES), tags
    )
    db.execute(
        "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time,"
        " last_update_time) VALUES (?, ?, ?, ?, ?, ?)",
        (number, made.name, made.artifact_location, stage.value, made.creation_time, made.last_update_time),
    )
    rows = [(key, value, number) for key, value in tags.items()]
    db.executemany("INSERT INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)", rows)
    return made


_TAG_FIELDS = st.sampled_from((*(f'tags."{key}"' for key in TAGS), "tag.team", "tags.nope"))
_TEXT_FIELDS = _TAG_FIELDS | st.sampled_from(("name", "attribute.name"))
_TIME_FIELDS = st.sampled_from(("creation_time", "last_update_time", "attribute.creation_time"))
_IDS = st.integers(0, 70).map(lambda number: f"'{number}'")
_TEXT_VALUES = st.sampled_from(PLAIN_TEXTS) | st.sampled_from(("e%", "E1%", "e_", "e7"))

OUR_FILTERS = st.recursive(
    st.one_of(
        compared(_TEXT_FIELDS, ALL_TEXT_SIGNS, _TEXT_VALUES.map(quoted)),
        compared(_TAG_FIELDS, SIGNS, st.sampled_from(LOOSE_NUMBERS)),
        compared(_TIME_FIELDS | st.sampled_from(("created", "updated")), SIGNS, st.sampled_from(_TIME_VALUES)),
        compared(_TIME_FIELDS, SIGNS, st.sampled_from(("'1970-01-01'", "'1970-01-02 00:00Z'", "-1d"))),
        compared(st.just("experiment_id"), ALL_TEXT_SIGNS, _IDS),
        listed(st.just("experiment_id"), _IDS),
        listed(_TEXT_FIELDS, _TEXT_VALUES.map(quoted)),
        listed(_TIME_FIELDS, st.sampled_from(_TIME_VALUES)),
        st.builds("{} {}".format, _TEXT_FIELDS | _TIME_FIELDS, st.sampled_from(("IS NULL", "IS NOT NULL"))),
    ),
    nested,
    max_leaves=6,
)
MLFLOW_FILTERS = st.lists(
    st.one_of(
        compared(
            _TEXT_FIELDS,
            TEXT_SIGNS.map(str.upper),
            _TEXT_VALUES.filter(lambda text: not ("'" in text and '"' in text)).map(mlflow_quoted),
        ),
        compared(_TIME_FIELDS, SIGNS, st.sampled_from(_TIME_VALUES)),
        compared(st.just("experiment_id"), st.sampled_from(("=", "!=")), _IDS),
        st.builds("{} {}".format, _TAG_FIELDS, st.sampled_from(("IS NULL", "IS NOT NULL"))),
    ),
    max_size=3,
).map(" AND ".join)
_DIRECTIONS = st.sampled_from(("", " ASC", " DESC"))
_ATTRIBUTES = ("name", "experiment_id", "creation_time", "last_update_time")


def _orders(fields: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    steps = st.tuples(st.sampled_from(fields), _DIRECTIONS)
    return st.lists(steps, max_size=3, unique_by=lambda step: step[0]).map(
        lambda found: ["".join(one) for one in found]
    )


MLFLOW_ORDERS = _orders(_ATTRIBUTES)
OUR_ORDERS = _orders((*_ATTRIBUTES, "tags.team", "tags.`a b`"))
