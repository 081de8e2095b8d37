"""What Python says in the panel has its French: a sentence that is new, or worded anew, cannot be forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.sentences import all_sentences
from trackside.search.nodes import ValueType

TABLE = Path(__file__).parent.parent / "js" / "src" / "widget" / "strings" / "sentences.fr.json"
WORDS = {
    *("run {}", "experiment {}", "processor", "GPUs", "system", "and {} more", "the kernel died: {}"),
    *(kind.value for kind in ValueType),
}
"""What stands in the place of a value and comes from loops, an Enum, ``__str__`` and another process."""
_NOT_WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|\{\}")


def test_all_that_python_can_say_in_the_panel_has_its_french() -> None:
    """R9.2: the English wording is the code; both languages have it."""
    table, said = _table(), all_sentences()
    assert len(said) > 300, "the sources were not found"
    missing = {text: place for text, place in said.items() if _has_words(text) and text not in table}
    assert not missing, f"add them to {TABLE.name}"
    assert table.keys() >= WORDS


def test_no_french_is_left_of_what_python_says_no_more() -> None:
    """R9.2."""
    dead = _table().keys() - all_sentences().keys() - WORDS
    assert not dead, f"remove them from {TABLE.name}"


def test_french_sentences_hold_no_value_that_the_english_one_does_not_have() -> None:
    """R9.2."""
    for said, told in _table().items():
        places = [int(number) for number in re.findall(r"\{~?(\d)\}", told)]
        assert all(1 <= place <= said.count("{}") for place in places), said
        assert "{}" not in told, told


def _table() -> dict[str, str]:
    table = json.loads(TABLE.read_text("utf-8"))
    assert list(table) == sorted(table, key=str.lower), "sorted, so that it reads as a table"
    return dict(table)


def _has_words(text: str) -> bool:
    """Whether there is something to translate besides values and names."""
    return len(re.findall(r"\b[A-Za-z][a-z]*\b", _NOT_WORDS.sub("", text))) > 1
