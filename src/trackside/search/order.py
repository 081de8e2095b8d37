"""Reads orders, such as ``metrics.acc DESC``."""

from __future__ import annotations

from collections.abc import Sequence

from trackside.errors import InvalidValueError
from trackside.search._fields import RUNS, Vocabulary, read_field
from trackside.search._tokenizer import Tokenizer
from trackside.search.nodes import Kind, OrderBy

MAX_STEPS = 20


def parse_order(texts: Sequence[str], words: Vocabulary = RUNS) -> tuple[OrderBy, ...]:
    """Read an order: each step decides where all steps before it find two runs equal.

    Runs that are equal in all steps are ordered by start time, newest first, and then by id; experiments by id, the
    largest first.

    Raises:
        FilterError: A step cannot be read.
        InvalidValueError: Two steps order by the same thing, or there are more than 20.
    """
    if isinstance(texts, str):
        raise InvalidValueError(f"order_by is a list of texts, not one text: {texts!r}", hint=f"Write [{texts!r}].")
    if len(texts) > MAX_STEPS:
        raise InvalidValueError(f"order_by has {len(texts)} steps; {MAX_STEPS} are allowed")
    steps = tuple(parse_step(text, words) for text in texts)
    for place, step in enumerate(steps):
        if any(step.field == earlier.field for earlier in steps[:place]):
            raise InvalidValueError(f"order_by names {step.field} twice")
    return steps


def parse_step(text: str, words: Vocabulary = RUNS) -> OrderBy:
    """step = field [ "ASC" | "DESC" ]."""
    tokens = Tokenizer(text, "order")
    start = tokens.position
    field = read_field(tokens, words)
    if field.kind is Kind.DATASET:
        hint = "A run can have several datasets."
        tokens.fail(f"runs cannot be ordered by {field}", start, len(text[start : tokens.position].rstrip()), hint)
    word = tokens.read_keyword("ASC", "DESC")
    if not tokens.at_end:
        tokens.fail_expecting("ASC, DESC or the end of the order")
    return OrderBy(field, word is None or word.text.upper() == "ASC")
