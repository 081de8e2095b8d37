"""Data that runs read, seeds that notebooks set, variables that are recorded."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

import trackside
from trackside.errors import InvalidValueError, NotFoundError
from trackside.notebook import environment, variables
from trackside.notebook.seeds import find_seeds, uses_chance
from trackside.tracking.inputs import read_inputs


def test_the_hash_of_what_a_run_reads_is_recorded(workspace: Path) -> None:
    """R1.10: of a file and of a folder, by name."""
    (workspace / "data").mkdir()
    (workspace / "data/a b.csv").write_bytes(b"x\n1\n")
    (workspace / "data/c.csv").write_bytes(b"y")
    with trackside.start_run() as run:
        trackside.log_input("data/a b.csv", context="training")
        trackside.log_input(workspace / "data", name="all")
        trackside.log_input(Path("data/c.csv").absolute())
        with pytest.raises(NotFoundError, match=r"nowhere\.csv"):
            trackside.log_input("nowhere.csv")
        with pytest.raises(InvalidValueError):
            trackside.log_input("data", name=" ")
    found = read_inputs(trackside.get_run(run.info.run_id))
    assert set(found) == {"data/a b.csv", "all", "c.csv"}
    one = found["data/a b.csv"]
    assert (one.sha256, one.bytes, one.context) == (hashlib.sha256(b"x\n1\n").hexdigest(), 4, "training")
    assert found["all"].bytes == 5
    (workspace / "data/c.csv").write_bytes(b"z")
    with trackside.start_run() as run:
        trackside.log_input("data", name="all")
    assert read_inputs(trackside.get_run(run.info.run_id))["all"].sha256 != found["all"].sha256


def test_a_damaged_record_of_an_input_is_left_out(workspace: Path) -> None:
    with trackside.start_run(tags={"trackside.input.x": "damaged", "trackside.input.y": "[]"}) as run:
        pass
    assert read_inputs(trackside.get_run(run.info.run_id)) == {}


@pytest.mark.parametrize(
    ("source", "seeds"),
    [
        ("random.seed(3)\nnp.random.seed(SEED)", ("random=3", "numpy=SEED")),
        ("rng = np.random.default_rng(7)", ("numpy=7",)),
        ("torch.manual_seed(0); fit(random_state=42, seed=None)", ("torch=0", "random_state=42")),
        ("np.random.default_rng()", ()),
        ("# random.seed(3)\n'random.seed(3)'", ()),
        ("%matplotlib inline\n!pip list\nrandom.seed(1)", ("random=1",)),
        ("def broken(:", ()),
    ],
)
def test_seeds_are_found_in_the_code(source: str, seeds: tuple[str, ...]) -> None:
    """R7.5: hints on what is random."""
    assert find_seeds([source]) == seeds


def test_libraries_that_draw_numbers_are_known() -> None:
    """R7.5"""
    assert uses_chance(["x = 1", "from sklearn import tree"])
    assert not uses_chance(["import json"])


def test_only_listed_variables_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.10: what results may depend on, and no secrets; another value makes another record."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    first = environment.capture()
    assert first.record["variables"]["OMP_NUM_THREADS"] == "3"
    assert "hidden" not in first.json_text
    assert set(first.record["variables"]) <= set(variables.NAMES)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert environment.capture().sha256 != first.sha256
    assert not any(word in name for name in variables.NAMES for word in ("KEY", "_TOKEN", "SECRET", "PASS"))
    hostile = {"variables": {"OMP_NUM_THREADS": "1", "LD_PRELOAD": "/evil.so", "TZ": 3, "LANG": "a\0b"}}
    assert variables.recorded(hostile) == {"OMP_NUM_THREADS": "1"}
    assert variables.recorded({"variables": "damaged"}) == {}
    assert os.environ["OMP_NUM_THREADS"] == "4"


def test_what_a_run_reads_is_a_dataset_where_the_store_keeps_such(workspace: Path) -> None:
    """R1.10: the same file in two runs is one dataset; another content under the same name is another."""
    (workspace / "wine.csv").write_bytes(b"1")
    for context in ("training", "testing"):
        with trackside.start_run():
            trackside.log_input("wine.csv", context=context)
    (workspace / "wine.csv").write_bytes(b"2")
    with trackside.start_run():
        trackside.log_input("wine.csv")
        trackside.log_input("wine.csv")
    found = {
        text: len(trackside.search_runs(filter_string=text, output_format="list"))
        for text in (
            "dataset.name = 'wine.csv'",
            f"dataset.digest = '{hashlib.sha256(b'1').hexdigest()[:8]}'",
            "dataset.context = 'testing'",
        )
    }
    assert list(found.values()) == [3, 2, 1]
