"""Random databases for tests of search, and filters and orders that fit them.

The values are few and awkward, so that random filters find some runs and miss others: NaN, infinities, texts that are
nearly numbers, letters whose upper case is another matter, quotes, wildcards, times that several runs share.
"""

from __future__ import annotations

import math
import random
import sqlite3
import sys
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from trackside.entities import LifecycleStage, Metric, Run, RunData, RunInfo, RunStatus
from trackside.search.matches import DatasetUse, Evidence

EXPERIMENTS = (1, 2, 3)
METRICS = ("acc", "val/loss", "größe", "a b", "run_name")
PARAMS = ("lr", "model.depth", "a b", "模型", "models")
TAGS = ("color", "mlflow.runName", "mlflow.user", "it's")
DATASETS = ("mnist", "MNIST", "iris%", "o''k")
NUMBERS = (0.0, 1.0, -1.0, 0.5, 0.001, 1e-300, 1e300, 2.0, 3.0, math.nan, math.inf, -math.inf)
TEXTS = (
    *(
        "0.5",
        "0.50",
        ".5",
        "5e-1",
        "+0.5",
        " 0.5 ",
        "0.5x",
        "1",
        "1.0",
        "01",
        "1e400",
        "-1",
        "nan",
        "inf",
        "0x1",
        "1_0",
    ),
    *("abc", "ABC", "aBc", "abcd", "a%c", "a_c", "a*c", "a?c", "[a]bc", "", " ", "it's", "it''s", 'say "hi"', "a\\b"),
    *(
        "größe",
        "GRÖSSE",
        "GRÖßE",
        "K",
        "k",
        "\u0131",
        "日本",
        "😀",
        "a\nb",
        "%",
        "_",
        "'",
        "''",
        '"',
        "\\",
        "9007199254740993",
    ),
    *("12345678901234567890", "1e", ".", "5.", "--1", "1 2", "\t7\n"),
)
TIMES = (None, 0, 1, 5, 1000, 86_400_000, 1_700_000_000_000, 1_700_000_000_001)
STATUSES = tuple(RunStatus)
USERS = ("ada", "Ada", "bob")


@dataclass
class World:
    """The runs of a database as entities, with what else a filter can ask for."""

    path: Path
    runs: list[Run] = field(default_factory=list)
    histories: dict[tuple[str, str], list[Metric]] = field(default_factory=dict)
    datasets: dict[str, list[DatasetUse]] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)

    def evidence(self, run: Run) -> Evidence:
        """What is known of a run."""
        run_id = run.info.run_id
        return Evidence(
            run,
            lambda key: self.histories.get((run_id, key), ()),
            lambda: self.datasets.get(run_id, ()),
            lambda: self.models.get(run_id, 0),
        )

    def in_scope(self, experiments: Iterable[int], stages: Iterable[LifecycleStage]) -> list[Evidence]:
        """The runs of these experiments in these stages."""
        wanted, kept = {str(number) for number in experiments}, set(stages)
        found = (run for run in self.runs if run.info.experiment_id in wanted and run.info.lifecycle_stage in kept)
        return [self.evidence(run) for run in found]


def fill(path: Path, seed: int, count: int = 90) -> World:
    """Write random runs into a database that has MLflow's tables."""
    world, dice = World(path), random.Random(seed)
    with closing(sqlite3.connect(path)) as db:
        for number in EXPERIMENTS:
            row = (number, f"e{number}", "/nowhere", "active")
            db.execute(
                "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) VALUES (?, ?, ?, ?)",
                row,
            )
        _insert_datasets(db)
        for _ in range(count):
            _insert_run(db, world, dice)
        db.commit()
    return world


def _insert_datasets(db: sqlite3.Connection) -> None:
    for number, name in enumerate(DATASETS):
        db.execute(
            "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source)"
            " VALUES (?, 1, ?, ?, 'x', 'x')",
            (f"d{number}", name, f"digest{number % 2}"),
        )
    db.execute("INSERT INTO registered_models (name) VALUES ('m')")


def _insert_run(db: sqlite3.Connection, world: World, dice: random.Random) -> None:
    run_id = uuid.UUID(int=dice.getrandbits(128), version=4).hex
    start = dice.choice(TIMES[1:])
    end = None if (length := dice.choice(TIMES)) is None else start + length
    status, user, stage = (
        dice.choice(STATUSES),
        dice.choice(USERS),
        dice.choice((*LifecycleStage, LifecycleStage.ACTIVE)),
    )
    name, experiment = dice.choice(TEXTS), dice.choice(EXPERIMENTS)
    info = RunInfo(run_id, str(experiment), name, user, status, start, end, f"/a/{user}/{run_id}", stage)
    db.execute(
        "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
        " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
        " VALUES (?, ?, 'UNKNOWN', '', '', ?, ?, ?, ?, '', ?, ?, ?)",
        (run_id, name, user, status.value, start, end, stage.value, info.artifact_uri, experiment),
    )
    metrics = {key: _insert_metric(db, world, dice, run_id, key) for key in METRICS if dice.random() < 0.7}
    params = {key: dice.choice(TEXTS) for key in PARAMS if dice.random() < 0.7}
    tags = {key: dice.choice(TEXTS) for key in TAGS if dice.random() < 0.7}
    if dice.random() < 0.9:
        tags["mlflow.runName"] = name
    for table, entries in (("params", params), ("tags", tags)):
        rows = [(key, value, run_id) for key, value in entries.items()]
        db.executemany(f"INSERT INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)", rows)
    _insert_inputs(db, world, dice, run_id)
    _insert_models(db, world, dice, run_id)
    world.runs.append(Run(info, RunData(metrics, params, tags)))


def _insert_metric(db: sqlite3.Connection, world: World, dice: random.Random, run_id: str, key: str) -> float:
    values = {dice.choice(NUMBERS) for _ in range(dice.randint(1, 3))}
    points = [Metric(key, value, 10 + step, step) for step, value in enumerate(values)]
    for point in points:
        row = (key, _stored(point.value), point.timestamp, run_id, point.step, math.isnan(point.value))
        db.execute("INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", row)
    db.execute(
        "INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", row
    )
    world.histories[run_id, key] = points
    return points[-1].value


def _insert_inputs(db: sqlite3.Connection, world: World, dice: random.Random, run_id: str) -> None:
    for number in dice.sample(range(len(DATASETS)), dice.choice((0, 0, 1, 2))):
        context = dice.choice((None, "training", "Eval"))
        use = uuid.UUID(int=dice.getrandbits(128)).hex
        db.execute(
            "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)"
            " VALUES (?, 'DATASET', ?, 'RUN', ?)",
            (use, f"d{number}", run_id),
        )
        if context is not None:
            db.execute("INSERT INTO input_tags VALUES (?, 'mlflow.data.context', ?)", (use, context))
        world.datasets.setdefault(run_id, []).append(DatasetUse(DATASETS[number], f"digest{number % 2}", context))


def _insert_models(db: sqlite3.Connection, world: World, dice: random.Random, run_id: str) -> None:
    world.models[run_id] = dice.choice((0, 0, 1, 2))
    for place in range(world.models[run_id] + 1):
        (version,) = db.execute("SELECT count(*) + 1 FROM model_versions").fetchone()
        stage = "None" if place else "Deleted_Internal"
        columns = "name, version, run_id, current_stage, status"
        db.execute(f"INSERT INTO model_versions ({columns}) VALUES ('m', ?, ?, ?, 'READY')", (version, run_id, stage))


def _stored(value: float) -> float:
    if math.isnan(value):
        return 0.0
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value
