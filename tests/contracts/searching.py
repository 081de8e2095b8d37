"""What every store promises of finding runs."""

from __future__ import annotations

import math

import pytest

from trackside.entities import LifecycleStage, Metric, Param, Run, Tag
from trackside.errors import (
    InvalidValueError,
)
from trackside.search import parse_filter, parse_order
from trackside.search.matches import Evidence, sort_key
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, RunQuery, Store

from .places import BOTH, Contract, found_ids, history_in, new_run

FILTERS = {
    "metrics.loss < 2": "first",
    "MAX(metrics.loss) >= 5 OR run_name = 'third'": "third first",
    "params.lr = 1": "second first",
    "params.lr = '1' AND tags.`a b` IS NULL": "first",
    "NOT metrics.loss > 1": "third first",
    "tags.`a b` IN ('x', 'y')": "second",
    "run_name LIKE '%ir%' AND created < -1d": "third first",
    "models > 0 OR duration > 0": "",
    "": "third second first",
}

AWKWARD = (
    *(
        "it's",
        'say "hi"',
        "`back`",
        "'; DROP TABLE runs; --",
        "100%",
        "a\\b",
        "\\",
        "größe",
        "GRÖSSE",
        "模型 🚀",
        "a\nb",
    ),
    *('it\'s "both" `three`', " padded ", "0.5"),
)


class SearchContract(Contract):
    """What every store promises of finding runs."""

    def test_runs_are_found_newest_first_with_their_data(self, store: Store) -> None:
        """R4.1: the runs of an experiment are listed."""
        other = store.create_experiment("other")
        runs = [new_run(store, start_time=time).info.run_id for time in (20, 30, 10)]
        new_run(store, other)
        store.log_batch(
            runs[0], metrics=[Metric("loss", 1.0, 1)], params=[Param("lr", "1")], tags=[Tag("note", "first")]
        )
        page = store.search_runs(RunQuery((DEFAULT_EXPERIMENT_ID,)))
        assert [run.info.run_id for run in page] == [runs[1], runs[0], runs[2]]
        assert page.token is None
        assert page.items[1] == store.get_run(runs[0])

    def test_values_are_found_without_their_points(self, store: Store) -> None:
        run_id = new_run(store).info.run_id
        values = {"loss": 0.1, "low": -math.inf, "zero": -0.0, "exact": 1.0000000000000002}
        points = [Metric(key, value, 5, 3) for key, value in values.items()]
        params = [Param("text", "a\tb \u2028 \U0001f680")]
        store.log_batch(run_id, metrics=points, params=params, tags=[Tag("empty", "")])
        whole = store.search_runs(RunQuery(("0",))).items[0].data
        bare = store.search_runs(RunQuery(("0",), with_points=False)).items[0].data
        assert bare.metrics == whole.metrics == values
        assert whole.latest["loss"] == points[0]
        assert bare.params == whole.params == {"text": "a\tb \u2028 \U0001f680"}
        assert bare.tags == whole.tags
        assert whole.tags["empty"] == ""

    def test_runs_that_started_together_are_ordered_by_id(self, store: Store) -> None:
        runs = [new_run(store).info.run_id for _ in range(10)]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID) == sorted(runs)

    def test_runs_are_found_by_stage(self, store: Store) -> None:
        kept, dropped = new_run(store, start_time=1).info.run_id, new_run(store, start_time=2).info.run_id
        store.delete_run(dropped)
        assert found_ids(store, DEFAULT_EXPERIMENT_ID) == [kept]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID, stages=(LifecycleStage.DELETED,)) == [dropped]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID, stages=BOTH) == [dropped, kept]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID, stages=()) == []

    def test_runs_of_several_experiments_are_found_together(self, store: Store) -> None:
        other = store.create_experiment("other")
        runs = [new_run(store, which, start_time=time).info.run_id for which, time in (("0", 1), (other, 2), ("0", 3))]
        assert found_ids(store, "0", other) == runs[::-1]
        assert found_ids(store) == []

    def test_pages_give_every_run_once(self, store: Store) -> None:
        runs = [new_run(store, start_time=number // 3).info.run_id for number in range(11)]
        query, pages = RunQuery(("0",), max_results=4), []
        while True:
            page = store.search_runs(query)
            pages.append([run.info.run_id for run in page])
            if page.token is None:
                break
            query = RunQuery(("0",), max_results=4, page_token=page.token)
        assert [len(page) for page in pages] == [4, 4, 3]
        found = [run_id for page in pages for run_id in page]
        assert found == found_ids(store, "0")
        assert sorted(found) == sorted(runs)

    def test_a_page_that_just_fits_is_the_last(self, store: Store) -> None:
        for time in range(4):
            new_run(store, start_time=time)
        assert store.search_runs(RunQuery(("0",), max_results=4)).token is None

    def test_counting_counts_all_pages(self, store: Store) -> None:
        for time in range(5):
            new_run(store, start_time=time)
        store.delete_run(found_ids(store, "0")[0])
        assert store.count_runs(RunQuery(("0",), max_results=2)) == 4
        assert store.count_runs(RunQuery(("0",), stages=BOTH)) == 5
        assert store.count_runs(RunQuery(("77",))) == 0

    def test_runs_are_found_by_filter(self, store: Store) -> None:
        """R8.1, R8.2, R8.3: params, metrics, their extremes, tags, attributes, joined in any way."""
        names = ("first", "second", "third")
        runs = [new_run(store, run_name=name, start_time=time).info.run_id for time, name in enumerate(names)]
        store.log_batch(
            runs[0], metrics=[Metric("loss", 5.0, 1, 0), Metric("loss", 1.0, 2, 1)], params=[Param("lr", "1")]
        )
        store.log_batch(runs[1], metrics=[Metric("loss", 2.0, 1)], params=[Param("lr", "1.0")], tags=[Tag("a b", "x")])
        for text, expected in FILTERS.items():
            found = found_ids(store, "0", filter=parse_filter(text))
            assert [names[runs.index(run_id)] for run_id in found] == expected.split(), text
            assert store.count_runs(RunQuery(("0",), filter=parse_filter(text))) == len(found)

    @pytest.mark.parametrize(
        "steps", [["metrics.loss"], ["metrics.loss DESC", "params.n"], ["MAX(metrics.loss)"], ["params.n DESC"]]
    )
    def test_pages_of_an_order_give_every_run_once(self, store: Store, steps: list[str]) -> None:
        """R8.2: order by anything; NaN after all numbers, missing last."""
        losses = (3.0, None, 1.0, float("nan"), 2.0, None, 1.0)
        runs = [new_run(store, start_time=number).info.run_id for number in range(len(losses))]
        for number, (run_id, loss) in enumerate(zip(runs, losses, strict=True)):
            points = [] if loss is None else [Metric("loss", loss, 1)]
            store.log_batch(run_id, metrics=points, params=[Param("n", str(number % 3))])
        order = parse_order(steps)
        everything = store.search_runs(RunQuery(("0",), order_by=order)).items
        assert list(everything) == sorted(
            everything, key=lambda run: sort_key(order)(Evidence(run, history_in(store, run)))
        )
        found, token = [], None
        while True:
            page = store.search_runs(RunQuery(("0",), max_results=2, page_token=token, order_by=order))
            found += [run.info.run_id for run in page]
            if (token := page.token) is None:
                break
        assert found == [run.info.run_id for run in everything]

    @pytest.mark.parametrize("query", [RunQuery(("0",), max_results=0), RunQuery(("0",), page_token="nonsense")])
    def test_a_senseless_query_is_refused(self, store: Store, run: Run, query: RunQuery) -> None:
        with pytest.raises(InvalidValueError):
            store.search_runs(query)

    def test_text_of_any_kind_is_found_and_nothing_else(self, store: Store) -> None:
        """Bad input: SQL, quotes, backticks and letters of all kinds in keys and values."""
        runs = {text: new_run(store, run_name=text, start_time=time).info.run_id for time, text in enumerate(AWKWARD)}
        for text, run_id in runs.items():
            store.log_batch(run_id, params=[Param("größe / 模型", text)], tags=[Tag("select 1", text)])
        for text, run_id in runs.items():
            quoted = "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
            for name in ("run_name", "params.`größe / 模型`", "tags.`select 1`"):
                assert found_ids(store, "0", filter=parse_filter(f"{name} = {quoted}")) == [run_id], (name, text)
        assert found_ids(store, "0", filter=parse_filter("tags.`x'; DROP TABLE runs; --` IS NOT NULL")) == []

    def test_a_filter_of_a_megabyte_is_answered(self, store: Store, run: Run) -> None:
        """Bad input: a filter of a megabyte."""
        new_run(store, run_name="other")
        store.log_batch(run.info.run_id, params=[Param("lr", "0" * 32)])
        words = [repr(f"{number:032x}") for number in range(15_000)]
        text = f"params.lr IN ({', '.join(words)}) AND run_id IN ('{run.info.run_id}', {', '.join(words)})"
        assert len(text) > 1_000_000
        assert found_ids(store, "0", filter=parse_filter(text)) == [run.info.run_id]
