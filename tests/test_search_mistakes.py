"""Reading filters and orders: what each mistake is told, and that neither takes long."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from trackside.errors import FilterError, InvalidValueError
from trackside.search import parse_order
from trackside.search._parser import MAX_DEPTH, MAX_TERMS
from trackside.search.nodes import (
    And,
    Field,
    Function,
    Kind,
    Not,
    OrderBy,
)

from .search_words import ACC, LR, START, A, read

PARSER_TESTS = Path(__file__).with_name("test_search_parser.py")

# Mistakes

MISTAKES = {
    "metrics.acc": "expected an operator after metrics.acc, found the end of the filter | 11 1",
    "metrics.acc > ": "expected a number to compare metrics.acc with, found the end of the filter | 14 1",
    "metrics.acc > high": "expected a number to compare metrics.acc with, found high | 14 4",
    "metrics.acc > '0.5'": (
        "expected a number to compare metrics.acc with, found '0.5' | 14 5 | Write the number without quotes."
    ),
    "metrics.acc > 'x'": "expected a number to compare metrics.acc with, found 'x' | 14 3",
    "metrics.acc > 1x": "1x is not a number | 14 2",
    "metrics.acc > 7d": "7d is not a number | 14 2",
    "metrics.acc > 1 2": "expected AND, OR or the end of the filter, found 2 | 16 1",
    "metrics.acc > 1 ro status = 'x'": "expected AND, OR or the end of the filter, found ro | 16 2",
    "metrics.acc > 1, status = 'x'": (
        "expected AND, OR or the end of the filter, found , | 15 1 | Conditions are joined with AND or OR."
    ),
    "metrics.acc > 1 params.lr IS NULL": "AND is missing here | 16 1 | MLflow takes this for one long name.",
    "metrics.acc > 0,5": (
        "expected AND, OR or the end of the filter, found , | 15 1 | Numbers are written with a point, as 0.5."
    ),
    "metrics.acc > 1;": "expected AND, OR or the end of the filter, found ; | 15 1",
    "metrics.acc > 1)": (
        "expected AND, OR or the end of the filter, found ) | 15 1 | There is no ( that this would close."
    ),
    "(metrics.acc > 1": "expected AND, OR or ), found the end of the filter | 16 1",
    "(metrics.acc > 1, status": "expected AND, OR or ), found , | 16 1 | Conditions are joined with AND or OR.",
    "(metrics.acc > 1 AND)": "expected a name (metrics.acc, params.lr, tags.color, status), found ) | 20 1",
    "metrics.acc > 1 OR": (
        "expected a name (metrics.acc, params.lr, tags.color, status), found the end of the filter | 18 1"
    ),
    "metrics.acc > 1 OR AND status = 'x'": (
        "expected a name (metrics.acc, params.lr, tags.color, status), found AND | 19 3"
    ),
    "1 < metrics.acc": (
        "expected a name (metrics.acc, params.lr, tags.color, status), found 1 | 0 1"
        " | The name stands on the left side."
    ),
    "'x' = params.lr": (
        "expected a name (metrics.acc, params.lr, tags.color, status), found 'x' | 0 3"
        " | A name stands without quotes or in backticks, and on the left side."
    ),
    ".acc > 1": "expected a name (metrics.acc, params.lr, tags.color, status), found .acc | 0 4",
    "metrics.acc == 1": "there is no operator == | 12 2 | Did you mean =?",
    "metrics.acc <> 1": "there is no operator <> | 12 2 | Did you mean !=?",
    "metrics.acc => 1": "there is no operator => | 12 2 | Did you mean >=?",
    "metrics.acc >> 1": "there is no operator >> | 12 2 | There are =, !=, <, <=, > and >=.",
    "metrics.acc BETWEEN 1 AND 2": (
        "expected an operator after metrics.acc, found BETWEEN | 12 7 | Write metrics.acc >= … AND metrics.acc <= …."
    ),
    "metrics.acc NOT 1": (
        "expected an operator after metrics.acc, found 1 | 16 1"
        " | Put a name with unusual letters into backticks: metrics.`my key`."
    ),
    "metrics.my acc > 1": (
        "expected an operator after metrics.my, found acc | 11 3"
        " | Put a name with unusual letters into backticks: metrics.`my key`."
    ),
    "status is 'x'": "expected NULL or NOT NULL, found 'x' | 10 3",
    "status is not 'x'": "expected NULL, found 'x' | 14 3",
    "status ~ 'x'": "there is no operator ~ | 7 1 | Did you mean LIKE?",
    "status FINISHED": "expected an operator after status, found FINISHED | 7 8",
    "status = FINISHED": (
        "expected a quoted text to compare status with, found FINISHED | 9 8 | Put the text into quotes: 'FINISHED'."
    ),
    "status = 5": "expected a quoted text to compare status with, found 5 | 9 1 | Put it into quotes: '5'.",
    "status = 5d": "5d is not a number | 9 2",
    "status < 'x'": (
        "status has no order, so < means nothing | 7 1"
        " | status can be compared with =, !=, LIKE, ILIKE, IN and IS NULL."
    ),
    "params.lr < '5'": "< compares numbers, not text | 10 1 | Write the number without quotes.",
    "params.lr = x": (
        "expected a quoted text or a number to compare params.lr with, found x | 12 1 | Put the text into quotes: 'x'."
    ),
    "params.lr = `x`": "expected a quoted text or a number to compare params.lr with, found `x` | 12 3",
    "params.lr LIKE 5": "expected a pattern in quotes after LIKE, found 5 | 15 1 | params.lr LIKE 'start%'",
    "metrics.acc LIKE '1%'": (
        "LIKE needs text to look into | 12 4 | metrics.acc is a number; compare it with =, !=, <, <=, > or >=."
    ),
    "created NOT ILIKE '1%'": (
        "NOT ILIKE needs text to look into | 12 5 | start_time is a time; compare it with =, !=, <, <=, > or >=."
    ),
    "params.lr = 'abc": "the quote ' is never closed | 12 1 | Put another ' where the quoted text ends.",
    'params.lr = "abc': 'the quote " is never closed | 12 1 | Put another " where the quoted text ends.',
    "params.`abc = 'x'": "the quote ` is never closed | 7 1 | Put another ` where the quoted text ends.",
    "params.lr IN 'x'": "expected a list in parentheses after IN, found 'x' | 13 3 | IN ('one', 'two')",
    "params.lr IN ()": "expected a quoted text or a number to compare params.lr with, found ) | 14 1",
    "params.lr IN ('x' 'y')": "expected , or ) in the list, found 'y' | 18 3",
    "params.lr IN ('x'": "expected , or ) in the list, found the end of the filter | 17 1",
    "params.lr IN ('it''s')": (
        "a list cannot hold doubled quotes | 14 7 | Write \\' for a quote inside a quoted text of a list."
    ),
    "metrics.acc IN ('1')": (
        "expected a number to compare metrics.acc with, found '1' | 16 3 | Write the number without quotes."
    ),
    "statu = 'x'": "runs have no attribute statu | 0 5 | Did you mean status?",
    "acc > 1": (
        "runs have no attribute acc | 0 3 | What was logged is named with its kind: metrics.acc, params.acc, tags.acc."
    ),
    "attributes.experiment > 1": (
        "runs have no attribute experiment | 11 10"
        " | What was logged is named with its kind: metrics.experiment, params.experiment, tags.experiment."
    ),
    "metrik.acc > 1": "there is no kind of thing named metrik | 0 6 | Did you mean metric?",
    "x.acc > 1": ("there is no kind of thing named x | 0 1 | There are metrics, params, tags, attributes and dataset."),
    "params. lr = 'x'": (
        "expected a name right after params., found a space | 7 1 | Names with unusual letters: params.`my key`."
    ),
    "tags.mlflow.`user` = 'x'": (
        "expected an operator after mlflow., found `user` | 12 6 | Quote the whole name: tags.`mlflow.…`."
    ),
    "dataset.color = 'x'": "a dataset has no color | 8 5 | There are name, digest, context.",
    "MAX(params.lr) > 1": (
        "MAX works on a metric, not on params.lr | 4 9 | Only metrics have a history: MAX(metrics.acc)."
    ),
    "AVG(metrics.acc) > 1": "there is no function AVG | 0 3 | There are MIN, MAX and LATEST.",
    "MIN(metrics.acc > 1": "expected ) after metrics.acc, found > | 16 1",
    "created > 7d": "7d is not a time | 10 2 | An age is written with a minus: -7d.",
    "created > -7x": (
        "-7x is not a number | 10 3"
        " | Write '2026-01-31', '2026-01-31 12:30', an age such as -7d or -12h, or milliseconds."
    ),
    "created > today": (
        "expected a time to compare start_time with, found today | 10 5"
        " | Write '2026-01-31', '2026-01-31 12:30', an age such as -7d or -12h, or milliseconds."
    ),
    "created > '2026-02-30'": (
        "'2026-02-30' is not a date | 10 12"
        " | Write '2026-01-31', '2026-01-31 12:30', an age such as -7d or -12h, or milliseconds."
    ),
    "created > 'May'": (
        "'May' is not a date | 10 5"
        " | Write '2026-01-31', '2026-01-31 12:30', an age such as -7d or -12h, or milliseconds."
    ),
    "duration > long": (
        "expected a length of time to compare duration with, found long | 11 4"
        " | Write 90s, 1.5h or milliseconds; there are ms, s, m, h, d, w."
    ),
    "duration > 5y": "5y is not a number | 11 2 | Write 90s, 1.5h or milliseconds; there are ms, s, m, h, d, w.",
    "params.lr = '\ud800'": "here is half a character, which no run can have | 13 1",
    "params.lr = E'\\ud800'": "the text has half a character, which cannot be stored | 12 9",
    "metrics.acc > " + "1" * 401: "the number has more than 400 digits | 14 401",
    "params.lr LIKE '" + "[" * 20_000 + "'": "the pattern is too long for SQLite | 15 20002",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_was_expected(text: str) -> None:
    """R8.2: a bad filter gets an error that points at the place and says what was expected."""
    with pytest.raises(FilterError) as raised:
        read(text)
    error = raised.value
    told = f"{error.message} | {error.position} {error.length}" + (f" | {error.hint}" if error.hint else "")
    assert told == MISTAKES[text]
    assert error.text == text
    assert error.code == "Filter"


def test_the_place_is_drawn() -> None:
    with pytest.raises(FilterError) as raised:
        read("metrics.acc > 1 AND statu = 'FINISHED'")
    assert str(raised.value) == (
        "runs have no attribute statu\n"
        "    metrics.acc > 1 AND statu = 'FINISHED'\n"
        "                        ^^^^^\n"
        "hint: Did you mean status?"
    )


def test_the_carets_stand_below_wide_letters_and_in_the_right_line() -> None:
    with pytest.raises(FilterError) as raised:
        read("params.模型 = '模'\n\tAND metrics.`e\u0301` x")
    assert raised.value.drawing() == ("     AND metrics.`e\u0301` x", "                     ^")
    with pytest.raises(FilterError) as raised:
        read("params.模型 x 'a'\nAND")
    assert raised.value.drawing() == ("    params.模型 x 'a'", "                ^")


def test_a_long_filter_is_drawn_in_part() -> None:
    with pytest.raises(FilterError) as raised:
        read(" AND ".join(["metrics.acc > 1"] * 20 + ["x = 1"] + ["metrics.acc > 1"] * 20))
    above, below = raised.value.drawing()
    assert (len(above), above[:5], above[-1]) == (76, "    …", "…")
    assert above[below.index("^")] == "x"
    assert below.count("^") == 1


def test_what_is_very_long_is_told_in_short() -> None:
    for text in ("a" * 10_000, "metrics.acc > " + "b" * 10_000, f"tags.`{'c' * 10_000}` x", "x." + "d" * 10_000):
        with pytest.raises(FilterError) as raised:
            read(text)
        assert len(str(raised.value)) < 700


# Large and deep


def test_parentheses_can_be_nested_only_so_far() -> None:
    def nested(depth: int) -> str:
        return "(" * depth + "metrics.acc > 1" + ")" * depth

    assert read(nested(MAX_DEPTH)) == A
    with pytest.raises(FilterError, match="more than 20 parentheses are open here") as raised:
        read(nested(MAX_DEPTH + 1))
    assert raised.value.position == MAX_DEPTH
    assert read(" AND ".join([f"NOT {nested(MAX_DEPTH)}"] * 5)) == And((Not(A),) * 5)


def test_a_filter_can_have_only_so_many_comparisons() -> None:
    assert read(" AND ".join(["metrics.acc > 1"] * MAX_TERMS)) == And((A,) * MAX_TERMS)
    with pytest.raises(FilterError, match="the filter has more than 400 comparisons"):
        read(" AND ".join(["metrics.acc > 1"] * (MAX_TERMS + 1)))
    with pytest.raises(FilterError, match="the filter has more than 400 comparisons") as raised:
        read(f"metrics.acc IN ({', '.join(['1'] * 500)})")
    assert raised.value.hint == "Many texts can be looked for in one list: params.a IN ('x', 'y', …)."


MEGABYTE = 1_000_000
LARGE = {
    "one text": f"params.lr = '{'x' * MEGABYTE}'",
    "one list": f"run_id IN ({', '.join([repr('0' * 32)] * (MEGABYTE // 36))})",
    "spaces": f"metrics.acc > 1{' ' * MEGABYTE}",
    "ands": f"metrics.acc > 1{' AND' * (MEGABYTE // 4)}",
    "nots": f"{'NOT ' * (MEGABYTE // 4)}metrics.acc > 1",
    "doubled quotes": f"params.lr = '{chr(39) * 2 * (MEGABYTE // 2)}'",
    "comparisons": " OR ".join(["metrics.acc > 1"] * (MEGABYTE // 19)),
    "parentheses": "(" * MEGABYTE,
    "open quote": f"params.lr = '{'x' * MEGABYTE}",
    "open quote with doubled ones": f"params.lr = '{chr(39) * 2 * (MEGABYTE // 2)}",
    "open quote with backslashes": "params.lr = '" + "\\'" * (MEGABYTE // 2),
    "open escaped quote": "params.lr = E'" + "\\'" * (MEGABYTE // 2),
    "digits": f"metrics.acc > {'1' * MEGABYTE}",
    "digits and a letter": f"created > -{'1' * MEGABYTE}x",
    "a key": f"metrics.{'a' * MEGABYTE} > 1",
    "a key with hyphens": f"metrics.{'a-' * (MEGABYTE // 2)} > 1",
    "an attribute": "a" * MEGABYTE,
    "signs": f"metrics.acc {'<' * MEGABYTE} 1",
    "quoted number": f"metrics.acc > '{' ' * (MEGABYTE // 2)}{'1' * (MEGABYTE // 2)}x'",
    "pattern": f"params.lr LIKE '{'%' * MEGABYTE}'",
    "date": f"created > '{' ' * MEGABYTE}2026'",
    "lines": "\n" * MEGABYTE + "x",
}


@pytest.mark.parametrize("name", LARGE)
def test_a_megabyte_is_read_or_refused_in_a_moment(name: str) -> None:
    """Bad input: a 1 MB filter. What is quadratic in its length does not end before the test is stopped."""
    told = ""
    try:
        read(LARGE[name])
    except FilterError as error:
        told = str(error)
    assert len(told) < 700


# Orders


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("metrics.acc", OrderBy(ACC)),
        ("metrics.acc ASC", OrderBy(ACC)),
        (" metrics.acc\n desc ", OrderBy(ACC, ascending=False)),
        ("metric.`a b` DESC", OrderBy(Field(Kind.METRIC, "a b"), ascending=False)),
        ("MIN(metrics.acc) DESC", OrderBy(Field(Kind.METRIC, "acc", Function.MIN), ascending=False)),
        ("params.lr", OrderBy(LR)),
        ("created DESC", OrderBy(START, ascending=False)),
        ("attributes.duration", OrderBy(Field(Kind.ATTRIBUTE, "duration"))),
        ('tags."it\'s" desc', OrderBy(Field(Kind.TAG, "it's"), ascending=False)),
    ],
)
def test_orders(text: str, step: OrderBy) -> None:
    assert parse_order([text]) == (step,)


def test_an_order_says_itself() -> None:
    steps = parse_order(["metrics.`a b`", "MAX(metrics.acc) desc", "created"])
    assert [str(step) for step in steps] == ["metrics.`a b` ASC", "MAX(metrics.acc) DESC", "start_time ASC"]
    assert parse_order([str(step) for step in steps]) == steps
    assert parse_order(None) == ()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([""], "expected a name (metrics.acc, params.lr, tags.color, status), found the end of the order"),
        (["metrics.acc foo"], "expected ASC, DESC or the end of the order, found foo"),
        (["metrics.acc, params.lr"], "expected ASC, DESC or the end of the order, found ,"),
        (["dataset.name DESC"], "runs cannot be ordered by dataset.name"),
        (["nope"], "runs have no attribute nope"),
        (["metrics.acc", "metric.acc DESC"], "order_by names metrics.acc twice"),
        (["created", "start_time"], "order_by names start_time twice"),
        ("metrics.acc", "order_by is a list of texts, not one text: 'metrics.acc'"),
        ([f"metrics.m{number}" for number in range(21)], "order_by has 21 steps; 20 are allowed"),
    ],
)
def test_a_mistake_in_an_order_is_told(texts: list[str], message: str) -> None:
    with pytest.raises(InvalidValueError) as raised:
        parse_order(texts)
    assert raised.value.message == message


def test_a_metric_and_its_smallest_value_are_different_steps() -> None:
    assert len(parse_order(["metrics.acc", "MIN(metrics.acc)", "MAX(metrics.acc)"])) == 3


# What is written about it


def test_the_filters_in_the_readme_can_be_read() -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    table = text.split("## Finding runs")[1].split("|---|---|")[1].split("\n\n")[0]
    first_cells = [row.split(" | ")[0] for row in table.strip().splitlines()]
    examples = [found[0] or found[1] for cell in first_cells for found in re.findall(r"``(.+?)``|`([^`]+)`", cell)]
    assert len(examples) > 20
    for example in examples:
        assert read(example)


# The tests themselves


@pytest.mark.skipif("COVERAGE_OF_PARSER" in os.environ, reason="this is the measured run")
def test_these_tests_reach_every_branch_of_the_parser(tmp_path: Path) -> None:
    measured = ("_tokenizer", "_parser", "_fields", "_values", "_moments", "order")
    root = Path(__file__).parents[1]
    include = ",".join(f"*/trackside/search/{name}.py" for name in measured)
    report, environment = tmp_path / "report.json", {**os.environ, "COVERAGE_OF_PARSER": "1"}
    environment |= {"COVERAGE_FILE": str(tmp_path / "data"), "PYTHONPATH": str(root / "src")}
    coverage = [sys.executable, "-m", "coverage"]
    tests = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "not megabyte",
        *map(str, (Path(__file__), PARSER_TESTS)),
    ]
    subprocess.run(
        [*coverage, "run", "--branch", f"--include={include}", *tests], env=environment, cwd=root, check=True
    )
    subprocess.run([*coverage, "json", "-q", "-o", str(report)], env=environment, cwd=root, check=True)
    files = json.loads(report.read_text())["files"]
    missed = {Path(name).name: (file["missing_lines"], file["missing_branches"]) for name, file in files.items()}
    assert missed == {f"{name}.py": ([], []) for name in measured}
