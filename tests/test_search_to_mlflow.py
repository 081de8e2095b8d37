"""Dividing a search between a server and this side: nothing is lost, and what is sent means what it should."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside.search import parse_filter, parse_order
from trackside.search.matches import matches
from trackside.search.to_mlflow import split
from trackside.stores.creation import make_database

from .search_filters import MLFLOW_FILTERS, OUR_FILTERS, OUR_ORDERS
from .search_world import World, fill


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("split") / "mlflow.db"
    make_database(path)
    return fill(path, seed=6, count=60)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", ""),
        ("metrics.acc > 0.5", "metrics.`acc` > 0.5"),
        ("LATEST(metrics.`a b`) <= 1e-7", "metrics.`a b` <= 1e-07"),
        ("metrics.acc < 1e300 AND metrics.acc != -1e400", "metrics.`acc` < 1e300 AND metrics.`acc` != -1e999"),
        ("metrics.acc NOT IN (1, 2)", "metrics.`acc` != 1.0 AND metrics.`acc` != 2.0"),
        ("metrics.acc IN (1)", "metrics.`acc` = 1.0"),
        ("params.lr = '0.5'", "params.`lr` = '0.5'"),
        ("params.lr LIKE '%''s' AND tags.a ILIKE \"it's\"", 'params.`lr` LIKE "%\'\'s" AND tags.`a` ILIKE "it\'s"'),
        ("params.lr IS NOT NULL", "params.`lr` LIKE '%'"),
        ("params.lr NOT IN ('a', 'b')", "params.`lr` != 'a' AND params.`lr` != 'b'"),
        ("run_name = 'x' AND user_id != 'y'", "attributes.run_name = 'x' AND attributes.user_id != 'y'"),
        ("run_id IN ('a', \"b\")", "attributes.run_id IN ('a', 'b')"),
        ("status NOT IN ('FAILED')", "attributes.status != 'FAILED'"),
        ("created > -1d AND ended <= 5.5", "attributes.start_time > -86400000 AND attributes.end_time <= 5.5"),
        ("created = '1970-01-01Z'", "attributes.start_time >= 0 AND attributes.start_time < 86400000"),
        (
            "dataset.name IN ('a') AND dataset.context NOT IN ('b')",
            "dataset.`name` IN ('a') AND dataset.`context` NOT IN ('b')",
        ),
        ("(metrics.acc > 1 AND params.lr = 'x')", "metrics.`acc` > 1.0 AND params.`lr` = 'x'"),
    ],
)
def test_what_a_server_understands_is_sent(text: str, sent: str) -> None:
    found = split(parse_filter(text, now_ms=0), ())
    assert (found.filter_text, found.remainder) == (sent, None)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        *(("metrics.acc > 1 OR metrics.acc < 0", ""), ("NOT params.lr = 'x'", ""), ("MIN(metrics.acc) < 1", "")),
        *(
            ("metrics.acc IS NULL", ""),
            ("metrics.acc IN (1, 2)", ""),
            ("params.lr IS NULL", ""),
            ("status IS NULL", ""),
        ),
        *(("duration > 5m", ""), ("models > 0", ""), (f"created < {'9' * 30}", ""), ("created IN (1, 2)", "")),
        *(("params.lr = 0.5", "params.`lr` LIKE '%'"), ("params.lr NOT LIKE 'x%'", "params.`lr` LIKE '%'")),
        *(("tags.a IN ('x', 'y')", "tags.`a` LIKE '%'"), ("params.lr ILIKE 'é'", "params.`lr` LIKE '%'")),
        *(("tags.a = 'a\\b'", "tags.`a` LIKE '%'"), ("tags.a = ' x'", "tags.`a` LIKE '%'")),
        *(("tags.a = E'\\'\"'", "tags.`a` LIKE '%'"), ("tags.a = E'\\n'", "tags.`a` LIKE '%'")),
        *(("tags.\"it's\" = 'x'", ""), ("metrics.`größe`= 1 AND metrics.`(`=1", "metrics.`größe` = 1.0")),
        *(("run_id IN ('a\\'')", 'attributes.run_id IN ("a\'")'), ("run_id IN ('\\'\"')", "")),
        ("models > 0 AND metrics.acc > 1 AND duration > 5", "metrics.`acc` > 1.0"),
    ],
)
def test_what_a_server_does_not_understand_stays_here(text: str, sent: str) -> None:
    found = split(parse_filter(text), ())
    assert found.filter_text == sent
    assert (found.remainder is None) == (text == "run_id IN ('a\\'')")


def test_a_server_is_asked_only_so_much() -> None:
    """Databases join a limited number of tables, one for each condition."""
    text = " AND ".join(f"metrics.m{number} > 1" for number in range(50))
    found = split(parse_filter(text), ())
    assert found.filter_text.count("AND") == 19
    assert len(found.remainder.conditions) == 30  # type: ignore[union-attr]
    assert (
        split(parse_filter(f"params.lr NOT IN ({', '.join(map(repr, 'abc' * 9))})"), ()).filter_text
        == "params.`lr` LIKE '%'"
    )


def test_a_server_is_not_asked_for_what_its_parser_cannot_take() -> None:
    """Bad input: a list of thousands of words, at which a server's parser gives up."""
    ids = [repr(f"{number:032x}") for number in range(300)]
    assert split(parse_filter(f"run_id IN ({', '.join(ids)})"), ()).filter_text == ""
    assert split(parse_filter(f"run_id IN ({', '.join(ids[:100])})"), ()).remainder is None


def test_an_order_is_the_servers_or_all_ours() -> None:
    order = parse_order(["metrics.`a b`", "params.lr DESC", "created desc", "run_name"])
    found = split(None, order)
    assert found.order_by == (
        *("metrics.`a b` ASC", "params.`lr` DESC", "attributes.start_time DESC", "attributes.run_name ASC"),
    )
    assert found.order_here == ()
    for step in ("MIN(metrics.acc)", "duration", "models DESC", 'tags."it\'s"'):
        order = parse_order(["metrics.acc", step])
        assert (split(None, order).order_by, split(None, order).order_here) == ((), order)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=OUR_FILTERS | MLFLOW_FILTERS)
def test_both_parts_together_mean_the_whole(world: World, text: str) -> None:
    wanted = parse_filter(text, now_ms=86_400_000)
    found = split(wanted, ())
    sent = parse_filter(found.filter_text).condition
    for evidence in map(world.evidence, world.runs):
        both = matches(sent, evidence) and matches(found.remainder, evidence)
        assert both == matches(wanted.condition, evidence)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=OUR_ORDERS)
def test_what_a_server_orders_by_is_what_was_asked_for(texts: list[str]) -> None:
    order = parse_order(texts)
    found = split(None, order)
    assert parse_order(found.order_by) == (() if found.order_here else order)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(key=st.text(min_size=1, max_size=8), value=st.text(max_size=12))
def test_any_key_and_value_is_sent_only_if_it_is_read_the_same(key: str, value: str) -> None:
    from trackside.search.nodes import And, Comparison, Field, Filter, Kind, Operator

    leaves = tuple(Comparison(Field(kind, key), Operator.EQ, value) for kind in (Kind.PARAM, Kind.TAG))
    found = split(Filter("", And(leaves)), ())
    if found.remainder is None:
        assert parse_filter(found.filter_text).conjuncts == leaves
