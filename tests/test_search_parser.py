"""Reading filters: what is understood, and as what."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from trackside.search import parse_filter
from trackside.search.nodes import (
    And,
    Comparison,
    Condition,
    Field,
    Function,
    Kind,
    Membership,
    Not,
    Number,
    Operator,
    Or,
    Presence,
    quoted_key,
)

from .search_words import ACC, LR, NOW, START, STATUS, A, B, C, ms, only, read

# Names


@pytest.mark.parametrize("kind", ["metric", "metrics", "`metrics`"])
def test_a_metric_has_two_prefixes(kind: str) -> None:
    assert only(f"{kind}.acc > 1").field == ACC


@pytest.mark.parametrize("kind", ["param", "params", "parameter", "parameters"])
def test_a_param_has_four_prefixes(kind: str) -> None:
    assert only(f"{kind}.lr = 'x'").field == LR


@pytest.mark.parametrize(
    "name", ["status", "attributes.status", "attribute.status", "attr.status", "run.status", "`status`"]
)
def test_an_attribute_needs_no_prefix(name: str) -> None:
    assert only(f"{name} = 'x'").field == STATUS


@pytest.mark.parametrize(
    "name", ["created", "Created", "start_time", "run.Created", '"Created"', "attributes.`created`"]
)
def test_the_start_time_has_other_names(name: str) -> None:
    assert only(f"{name} > 5").field == START


@pytest.mark.parametrize("name", ["run_name", "`run name`", '"Run name"', "attributes.'Run Name'"])
def test_the_run_name_has_other_names(name: str) -> None:
    assert only(f"{name} = 'x'").field == Field(Kind.ATTRIBUTE, "run_name")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *(("a.b", "a.b"), ("_a", "_a"), ("1a", "1a"), ("0", "0"), ("größe", "größe"), ("模型", "模型"), ("a.", "a.")),
        *(
            ("val/loss", "val/loss"),
            ("learning-rate", "learning-rate"),
            ("a:b", "a:b"),
            ("and", "and"),
            ("from", "from"),
        ),
        *(("`a b`", "a b"), ('"a b"', "a b"), ("'a b'", "a b"), ("`it's`", "it's"), ("'a''b'", "a''b"), ("``", "")),
        *(("'`a`'", "a"), ("`'a'`", "'a'"), ("'`'", "`"), ("`=`", "="), ("`a``b`", "a``b")),
    ],
)
def test_keys_are_written_bare_or_in_any_quotes(written: str, key: str) -> None:
    """R8.1: ``tags.`my custom tag` = "my value"``."""
    assert only(f"tags.{written} = 'x'").field == Field(Kind.TAG, key)
    assert only(f"tags.{written}='x'").field == Field(Kind.TAG, key)


@pytest.mark.parametrize("key", ["acc", "a.b", "val/loss", "a b", "it's", "a`b", 'a"b', "größe", "", "a\nb", "`'"])
def test_a_key_is_written_as_it_is_read(key: str) -> None:
    assert only(f"tags.{quoted_key(key)} = 'x'").field == Field(Kind.TAG, key)


@pytest.mark.parametrize(
    ("name", "function"), [("MIN", Function.MIN), ("max", Function.MAX), ("Latest", Function.LATEST)]
)
def test_functions_of_a_metric(name: str, function: Function) -> None:
    """R8.1: ``MIN(metrics.rmse) <= 1``."""
    assert only(f"{name}(metrics.acc) > 1").field == Field(Kind.METRIC, "acc", function)
    assert only(f"{name} ( metrics.acc ) > 1").field == Field(Kind.METRIC, "acc", function)


def test_a_field_says_its_own_name() -> None:
    fields = [ACC, Field(Kind.METRIC, "a b", Function.MIN), STATUS, Field(Kind.DATASET, "name")]
    assert [str(field) for field in fields] == ["metrics.acc", "MIN(metrics.`a b`)", "status", "dataset.name"]


# Joining


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", None),
        (" \n", None),
        ("AND", None),
        ("metrics.acc > 1", A),
        ("metrics.acc>1 AND params.lr='x'", And((A, B))),
        ("metrics.acc > 1 and params.lr = 'x'And tags.color IS NOT NULL", And((A, B, C))),
        ("AND metrics.acc > 1 AND AND params.lr = 'x' AND", And((A, B))),
        ("metrics.acc > 1 params.lr = 'x'", And((A, B))),
        ("tags.color IS NOT NULL params.lr IS NULL", And((C, Presence(LR, present=False)))),
        ("metrics.acc > 1 status = 'x'", And((A, Comparison(STATUS, Operator.EQ, "x")))),
        ("metrics.acc > 1 `Created` = 5", And((A, Comparison(START, Operator.EQ, 5)))),
        ("metrics.acc > 1 OR params.lr = 'x' or tags.color is not null", Or((A, B, C))),
        ("metrics.acc > 1 OR params.lr = 'x' AND tags.color IS NOT NULL", Or((A, And((B, C))))),
        ("(metrics.acc > 1 OR params.lr = 'x') AND tags.color IS NOT NULL", And((Or((A, B)), C))),
        ("((metrics.acc > 1))", A),
        ("(metrics.acc > 1 AND params.lr = 'x') AND tags.color IS NOT NULL", And((A, B, C))),
        ("metrics.acc > 1 OR (params.lr = 'x' OR tags.color IS NOT NULL)", Or((A, B, C))),
        ("NOT metrics.acc > 1", Not(A)),
        ("NOT NOT metrics.acc > 1", A),
        ("not (not metrics.acc > 1)", A),
        ("NOT metrics.acc > 1 AND params.lr = 'x'", And((Not(A), B))),
        ("NOT (metrics.acc > 1 AND params.lr = 'x')", Not(And((A, B)))),
        ("NOT tags.color IS NULL", C),
    ],
)
def test_conditions_are_joined(text: str, condition: Condition | None) -> None:
    assert read(text) == condition


def test_a_filter_keeps_its_text_and_gives_what_must_all_hold() -> None:
    assert parse_filter("metrics.acc > 1").text == "metrics.acc > 1"
    assert parse_filter("metrics.acc > 1 AND params.lr = 'x'").conjuncts == (A, B)
    assert parse_filter("metrics.acc > 1").conjuncts == (A,)
    assert parse_filter(None).conjuncts == ()


# Comparing


@pytest.mark.parametrize("sign", ["=", "!=", "<", "<=", ">", ">="])
def test_numbers_are_compared_with_six_operators(sign: str) -> None:
    assert only(f"metrics.acc {sign} 1").operator.value == sign
    assert only(f"params.lr{sign}1").operator.value == sign


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1", 1.0), ("-1", -1.0), ("+1", 1.0), ("01", 1.0), ("1.", 1.0), (".5", 0.5), ("-.5", -0.5), ("1e3", 1000.0)),
        *(("1E-3", 0.001), ("1e+3", 1000.0), ("1.e3", 1000.0), (".5e3", 500.0), ("1e400", float("inf"))),
    ],
)
def test_numbers_are_written_in_many_ways(text: str, value: float) -> None:
    assert only(f"metrics.acc = {text}").value == value
    assert only(f"params.lr = {text}").value == Number(text)


def test_times_keep_whole_milliseconds() -> None:
    assert [type(only(f"created > {text}").value) for text in ("5", "5.5", "5e0")] == [int, float, float]
    assert only("models > 0") == Comparison(Field(Kind.ATTRIBUTE, "models"), Operator.GT, 0)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("'x'", "x"), ('"x"', "x"), ("''", ""), ('"it\'s"', "it's"), ("'a\nb'", "a\nb"), ("'ä 模 😀'", "ä 模 😀")),
        *(("'it''s'", "it''s"), ("'it\\'s'", "it\\'s"), ('"say ""hi"""', 'say ""hi""'), ("'x\\'", "x\\")),
        *(("E'it''s'", "it's"), ("e'it\\'s'", "it's"), ('E"say ""hi"""', 'say "hi"'), ("E'a\\\\'", "a\\")),
        *(
            ("E'\\n\\t\\x41\\u00e9\\U0001f600'", "\n\tAé😀"),
            ("E'\\q\\xZ'", "\\q\\xZ"),
            ("E'\\U00110000'", "\\U00110000"),
        ),
        *(("E\"it''s\"", "it''s"), ("E''", "")),
    ],
)
def test_quotes_stand_for_themselves_and_escapes_need_an_e(written: str, value: str) -> None:
    assert only(f"params.lr = {written}").value == value


@pytest.mark.parametrize("word", ["LIKE", "ILIKE", "NOT LIKE", "NOT ILIKE", "like", "not\n ilike"])
def test_patterns(word: str) -> None:
    found = only(f"status {word} 'F%'")
    assert (found.operator.value, found.value) == (" ".join(word.upper().split()), "F%")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("params.lr IN ('a', \"b\", 0.5)", Membership(LR, ("a", "b", Number("0.5")))),
        ("params.lr NOT IN('a',)", Membership(LR, ("a",), negated=True)),
        ("metrics.acc in (1, .5)", Membership(ACC, (1.0, 0.5))),
        ("status IN ('it\\'s', 'a\\\\', '\\x41\\n', '%')", Membership(STATUS, ("it's", "a\\", "A\n", "%"))),
        ("status IN (E'it''s', 'a \"\" b')", Membership(STATUS, ("it's", 'a "" b'))),
        ("created IN (1, 2)", Membership(START, (1, 2))),
        ("dataset.name IN ('x')", Membership(Field(Kind.DATASET, "name"), ("x",))),
    ],
)
def test_lists(text: str, condition: Condition) -> None:
    assert read(text) == condition


@pytest.mark.parametrize("name", ["metrics.acc", "MIN(metrics.acc)", "params.lr", "end_time", "dataset.name", "models"])
def test_everything_can_be_missing(name: str) -> None:
    missing, there = read(f"{name} IS NULL"), read(f"{name} is  not\nnull")
    assert isinstance(missing, Presence)
    assert isinstance(there, Presence)
    assert (missing.present, there.present) == (False, True)


# Times


@pytest.mark.parametrize(
    ("age", "before"),
    [
        ("-7d", 7 * 86_400_000),
        ("-12h", 43_200_000),
        ("-30m", 1_800_000),
        ("-1.5s", 1500),
        ("-2w", 1_209_600_000),
        ("-5ms", 5),
    ],
)
def test_an_age_counts_from_now(age: str, before: int) -> None:
    assert only(f"created > {age}") == Comparison(START, Operator.GT, NOW - before)


def test_an_age_counts_from_the_clock_where_no_time_is_given() -> None:
    before = time.time() * 1000
    found = parse_filter("created > -1d").condition
    assert isinstance(found, Comparison)
    assert isinstance(found.value, int)
    assert before - 1 <= found.value + 86_400_000 <= time.time() * 1000


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("2026-01-31", ms("2026-01-31T00:00:00")),
        ("2026-01-31 12:30", ms("2026-01-31T12:30:00")),
        (" 2026-01-31T12:30:15 ", ms("2026-01-31T12:30:15")),
        ("2026-01-31 12:30:15.25", ms("2026-01-31T12:30:15") + 250),
        ("1970-01-01 00:00Z", 0),
        ("1970-01-01T02:00:01 +02:00", 1000),
        ("1970-01-01 00:00-0130", 5_400_000),
        ("1969-12-31Z", -86_400_000),
    ],
)
def test_dates_hold_in_the_local_time_zone_unless_they_say_another(text: str, time_ms: int) -> None:
    assert only(f"ended >= '{text}'").value == time_ms
    assert only(f'ended < "{text}"').value == time_ms


def test_the_local_time_zone_is_the_computers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    if hasattr(time, "tzset"):
        time.tzset()
        try:
            assert only("created > '1970-01-02'").value == 86_400_000 - 9 * 3_600_000
        finally:
            monkeypatch.undo()
            time.tzset()


def test_a_time_is_equal_to_all_that_lies_in_it() -> None:
    day, minute = ms("2026-01-31T00:00:00"), ms("2026-01-31T12:30:00")
    next_day = ms("2026-02-01T00:00:00")
    within = And((Comparison(START, Operator.GE, day), Comparison(START, Operator.LT, next_day)))
    outside = Or((Comparison(START, Operator.LT, minute), Comparison(START, Operator.GE, minute + 60_000)))
    assert read("created = '2026-01-31'") == within
    assert read("created != '2026-01-31 12:30'") == outside
    assert read("created IN ('2026-01-31')") == within
    assert read("created IN (5, '2026-01-31')") == Or((Membership(START, (5,)), within))
    assert read("created NOT IN ('2026-01-31 12:30', 5)") == And((Membership(START, (5,), negated=True), outside))
    seconds = read("created = '1970-01-01 00:00:01Z' AND created = '1970-01-01 00:00:01.5Z'")
    assert isinstance(seconds, And)
    assert [part.value for part in seconds.conditions] == [1000, 2000, 1500, 1501]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "span"), [("90s", 90_000), ("1.5h", 5_400_000), ("2", 2), ("+1m", 60_000), (".5s", 500)]
)
def test_a_duration_is_compared_with_a_length_of_time(text: str, span: int) -> None:
    assert only(f"duration > {text}") == Comparison(Field(Kind.ATTRIBUTE, "duration"), Operator.GT, span)


def test_a_day_is_as_long_as_the_local_clock_says() -> None:
    begin = datetime.fromisoformat("2026-03-29T00:00:00")
    found = read("created = '2026-03-29'")
    assert isinstance(found, And)
    end = round((begin + timedelta(days=1)).timestamp() * 1000)
    assert found.conditions[1] == Comparison(START, Operator.LT, end)
