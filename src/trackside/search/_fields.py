"""Reads the names of what a filter or an order looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from trackside.search.nodes import (
    ATTRIBUTE_ALIASES,
    ATTRIBUTES,
    DATASET_KEYS,
    EXPERIMENT_ALIASES,
    EXPERIMENT_ATTRIBUTES,
    Field,
    Function,
    Kind,
    ValueType,
)

if TYPE_CHECKING:
    from trackside.search._tokenizer import Token, Tokenizer

_KINDS = {
    **dict.fromkeys(("metric", "metrics"), Kind.METRIC),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), Kind.PARAM),
    **dict.fromkeys(("tag", "tags"), Kind.TAG),
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), Kind.ATTRIBUTE),
    **dict.fromkeys(("dataset", "datasets"), Kind.DATASET),
}
_FUNCTIONS = tuple(function.value for function in Function)
_JOINING = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that can be used for one sort of things.

    Attributes:
        things: What they are called in messages.
        kinds: The words before a dot.
        attributes: What stands without one.
        aliases: Other names of attributes.
        examples: Names for messages.
        prefixed: What to say of a name that is no attribute.
    """

    things: str
    kinds: Mapping[str, Kind]
    attributes: Mapping[str, ValueType]
    aliases: Mapping[str, str]
    examples: str
    prefixed: str


RUNS = Vocabulary(
    "runs",
    _KINDS,
    ATTRIBUTES,
    ATTRIBUTE_ALIASES,
    "metrics.acc, params.lr, tags.color, status",
    "What was logged is named with its kind: metrics.{0}, params.{0}, tags.{0}.",
)
EXPERIMENTS = Vocabulary(
    "experiments",
    {word: kind for word, kind in _KINDS.items() if kind is Kind.TAG or word.startswith("attr")},
    EXPERIMENT_ATTRIBUTES,
    EXPERIMENT_ALIASES,
    "name, tags.team, creation_time",
    "Tags are named with their kind: tags.{0}.",
)


def read_field(tokens: Tokenizer, words: Vocabulary) -> Field:
    """field = ( "MIN" | "MAX" | "LATEST" ) "(" name ")" | name."""
    start = tokens.position
    word = tokens.peek("word")
    if word is None or tokens.text[word.end : word.end + 1].strip() not in ("", "("):
        return _read_name(tokens, words)
    tokens.go_to(word.end)
    if tokens.read("("):
        return _read_function(tokens, word, words)
    tokens.go_to(start)
    return _read_name(tokens, words)


def starts_field(tokens: Tokenizer, words: Vocabulary) -> bool:
    """Whether a name comes next that can only begin another condition."""
    word = tokens.peek("backticks", "text", "word")
    if word is None or word.text.upper() in _JOINING:
        return False
    name = _without_quotes(word.text)
    if tokens.text.startswith(".", word.end):
        return name in words.kinds
    return name in words.attributes or name in words.aliases


def _read_function(tokens: Tokenizer, word: Token, words: Vocabulary) -> Field:
    name = word.text.upper()
    if name not in _FUNCTIONS:
        tokens.fail(f"there is no function {word.text}", word.start, len(word.text), "There are MIN, MAX and LATEST.")
    start = tokens.position
    field = _read_name(tokens, words)
    if field.kind is not Kind.METRIC:
        hint = f"Only metrics have a history: {name}(metrics.acc)."
        tokens.fail(f"{name} works on a metric, not on {field}", start, _length(tokens, start), hint)
    if not tokens.read(")"):
        tokens.fail_expecting(f") after {field}")
    return Field(Kind.METRIC, field.key, Function(name))


def _read_name(tokens: Tokenizer, words: Vocabulary) -> Field:
    """name = kind "." key | attribute."""
    word = tokens.peek("backticks", "word")
    if word is None and tokens.text.startswith('"', tokens.position):
        word = tokens.peek("text")
    if word is None or word.text.upper() in _JOINING:
        tokens.fail_expecting(f"a name ({words.examples})", _name_hint(tokens))
    if tokens.text.startswith(".", word.end):
        return _read_kind(tokens, word, words)
    field = _attribute(tokens, word, _without_quotes(word.text), words)
    tokens.go_to(word.end)
    return field


def _read_kind(tokens: Tokenizer, word: Token, words: Vocabulary) -> Field:
    name = word.text.strip("`")
    if name not in words.kinds:
        hint = _meant(name, tuple(words.kinds)) or f"There are {_kinds_of(words)}."
        tokens.fail(f"there is no kind of thing named {word.text}", word.start, len(word.text), hint)
    kind = words.kinds[name]
    tokens.position = word.end + 1
    key = tokens.peek("backticks", "text", "key")
    if key is None:
        tokens.fail_expecting(f"a name right after {word.text}.", f"Names with unusual letters: {name}.`my key`.")
    field = _field(tokens, kind, key, words)
    tokens.position = key.end
    if key.name == "key" and tokens.peek("backticks", "text"):
        tokens.fail_expecting(f"an operator after {key.text}", f"Quote the whole name: {name}.`{key.text}…`.")
    tokens.skip_space()
    return field


def _field(tokens: Tokenizer, kind: Kind, key: Token, words: Vocabulary) -> Field:
    name = _without_quotes(key.text)
    if kind is Kind.ATTRIBUTE:
        return _attribute(tokens, key, name, words)
    if kind is Kind.DATASET and name not in DATASET_KEYS:
        hint = f"There are {', '.join(DATASET_KEYS)}."
        tokens.fail(f"a dataset has no {name}", key.start, len(key.text), hint)
    return Field(kind, name)


def _attribute(tokens: Tokenizer, word: Token, name: str, words: Vocabulary) -> Field:
    name = words.aliases.get(name, name)
    if name not in words.attributes:
        meant = _meant(name, (*words.attributes, *words.aliases))
        message = f"{words.things} have no attribute {name}"
        tokens.fail(message, word.start, len(word.text), meant or words.prefixed.format(name))
    return Field(Kind.ATTRIBUTE, name)


def _kinds_of(words: Vocabulary) -> str:
    """The kinds of things as a list in words."""
    *first, last = dict.fromkeys(kind.value for kind in words.kinds.values())
    return f"{', '.join(first)} and {last}"


def _meant(name: str, known: tuple[str, ...]) -> str:
    found = get_close_matches(name.lower(), known, n=1) if len(name) <= 40 else []
    return f"Did you mean {found[0]}?" if found else ""


def _name_hint(tokens: Tokenizer) -> str:
    if tokens.peek("text"):
        return "A name stands without quotes or in backticks, and on the left side."
    return "The name stands on the left side." if tokens.peek("number") else ""


def _without_quotes(text: str) -> str:
    """The name itself; MLflow, too, looks for backticks inside of quotes."""
    if text[0] in "'\"":
        text = text[1:-1]
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == "`" else text


def _length(tokens: Tokenizer, start: int) -> int:
    return len(tokens.text[start : tokens.position].rstrip())
