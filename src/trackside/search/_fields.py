"""Reads the names of what a filter or an order looks at."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from trackside.search.nodes import ATTRIBUTE_ALIASES, ATTRIBUTES, DATASET_KEYS, Field, Function, Kind

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
_EXAMPLES = "metrics.acc, params.lr, tags.color, status"


def read_field(tokens: Tokenizer) -> Field:
    """field = ( "MIN" | "MAX" | "LATEST" ) "(" name ")" | name."""
    start = tokens.position
    word = tokens.peek("word")
    if word is None or tokens.text[word.end : word.end + 1].strip() not in ("", "("):
        return _read_name(tokens)
    tokens.go_to(word.end)
    if tokens.read("("):
        return _read_function(tokens, word)
    tokens.go_to(start)
    return _read_name(tokens)


def starts_field(tokens: Tokenizer) -> bool:
    """Whether a name comes next that can only begin another condition."""
    word = tokens.peek("backticks", "text", "word")
    if word is None or word.text.upper() in _JOINING:
        return False
    name = _without_quotes(word.text)
    return name in _KINDS if tokens.text.startswith(".", word.end) else name in ATTRIBUTES or name in ATTRIBUTE_ALIASES


def _read_function(tokens: Tokenizer, word: Token) -> Field:
    name = word.text.upper()
    if name not in _FUNCTIONS:
        tokens.fail(f"there is no function {word.text}", word.start, len(word.text), "There are MIN, MAX and LATEST.")
    start = tokens.position
    field = _read_name(tokens)
    if field.kind is not Kind.METRIC:
        hint = f"Only metrics have a history: {name}(metrics.acc)."
        tokens.fail(f"{name} works on a metric, not on {field}", start, _length(tokens, start), hint)
    if not tokens.read(")"):
        tokens.fail_expecting(f") after {field}")
    return Field(Kind.METRIC, field.key, Function(name))


def _read_name(tokens: Tokenizer) -> Field:
    """name = kind "." key | attribute."""
    word = tokens.peek("backticks", "word")
    if word is None and tokens.text.startswith('"', tokens.position):
        word = tokens.peek("text")
    if word is None or word.text.upper() in _JOINING:
        tokens.fail_expecting(f"a name ({_EXAMPLES})", _name_hint(tokens))
    if tokens.text.startswith(".", word.end):
        return _read_kind(tokens, word)
    field = _attribute(tokens, word, _without_quotes(word.text))
    tokens.go_to(word.end)
    return field


def _read_kind(tokens: Tokenizer, word: Token) -> Field:
    name = word.text.strip("`")
    if name not in _KINDS:
        hint = _meant(name, tuple(_KINDS)) or "There are metrics, params, tags, attributes and dataset."
        tokens.fail(f"there is no kind of thing named {word.text}", word.start, len(word.text), hint)
    kind = _KINDS[name]
    tokens.position = word.end + 1
    key = tokens.peek("backticks", "text", "key")
    if key is None:
        tokens.fail_expecting(f"a name right after {word.text}.", f"Names with unusual letters: {name}.`my key`.")
    field = _field(tokens, kind, key)
    tokens.position = key.end
    if key.name == "key" and tokens.peek("backticks", "text"):
        tokens.fail_expecting(f"an operator after {key.text}", f"Quote the whole name: {name}.`{key.text}…`.")
    tokens.skip_space()
    return field


def _field(tokens: Tokenizer, kind: Kind, key: Token) -> Field:
    name = _without_quotes(key.text)
    if kind is Kind.ATTRIBUTE:
        return _attribute(tokens, key, name)
    if kind is Kind.DATASET and name not in DATASET_KEYS:
        hint = f"There are {', '.join(DATASET_KEYS)}."
        tokens.fail(f"a dataset has no {name}", key.start, len(key.text), hint)
    return Field(kind, name)


def _attribute(tokens: Tokenizer, word: Token, name: str) -> Field:
    name = ATTRIBUTE_ALIASES.get(name, name)
    if name not in ATTRIBUTES:
        _fail_at_attribute(tokens, word, name)
    return Field(Kind.ATTRIBUTE, name)


def _fail_at_attribute(tokens: Tokenizer, word: Token, name: str) -> NoReturn:
    meant = _meant(name, (*ATTRIBUTES, *ATTRIBUTE_ALIASES))
    prefixed = f"What was logged is named with its kind: metrics.{name}, params.{name}, tags.{name}."
    tokens.fail(f"runs have no attribute {name}", word.start, len(word.text), meant or prefixed)


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
