"""What is different between two sources: line by line, and in lines that were changed word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\d+(?:\.\d+)*|\w+|\s+|[^\w\s]")
_ALIKE = 0.5
"""From this share of common words on, two lines are one line that was changed."""
_MOST_PAIRED = 60
"""Longer blocks of changed lines are not searched for lines that belong together."""
_NEAR = 20
"""The line that belongs to another one is among so many."""
_MOST_LINES = 20_000
"""Of sources with more lines only what is the same at the beginning and at the end is found."""
_MOST_WORDS = 2000
"""In a line with more words, nothing is marked but the line."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line, and whether the other side has it."""

    text: str
    is_changed: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line on both sides; None on the side that does not have it."""

    before: Line | None
    after: Line | None

    @property
    def kind(self) -> str:
        """``same``, ``changed``, ``added`` or ``removed``."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "same" if self.before == self.after else "changed"


def compare_sources(before: str, after: str) -> tuple[LineChange, ...]:
    """The lines of two sources beside each other, those that both have included."""
    old, new = before.splitlines(), after.splitlines()
    found: list[LineChange] = []
    for tag, start, end, other_start, other_end in _blocks(old, new):
        if tag == "equal":
            found += [_unchanged(line) for line in old[start:end]]
        else:
            found += _compare_block(old[start:end], new[other_start:other_end])
    return tuple(found)


def count_words(text: str) -> Counter[str]:
    """How often each word of a text is in it, without blanks."""
    return Counter(word for word in words_of(text) if not word.isspace())


def likeness(before: Counter[str], after: Counter[str]) -> float:
    """How many of their words two texts have in common: 0 to 1. The order does not count, so that it takes no time."""
    total = before.total() + after.total()
    return 2 * (before & after).total() / total if total else 1.0


def words_of(text: str) -> list[str]:
    """Words, numbers, stretches of blanks, and each other character by itself; together they are the text."""
    return _WORDS.findall(text)


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What is the same and what is not, as `difflib` has it; beginning and end are looked at first, which is quick."""
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), len(old) - start, len(new) - start)
    if start:
        yield "equal", 0, start, 0, start
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if len(left) + len(right) > _MOST_LINES:
        yield "replace", start, len(old) - end, start, len(new) - end
    else:
        for tag, *places in SequenceMatcher(None, left, right).get_opcodes():
            first, last, other_first, other_last = (place + start for place in places)
            yield tag, first, last, other_first, other_last
    if end:
        yield "equal", len(old) - end, len(old), len(new) - end, len(new)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines or words are the same from the start."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(old), len(new)))


def _unchanged(line: str) -> LineChange:
    whole = (Span(line),)
    return LineChange(whole, whole)


def _compare_block(old: Sequence[str], new: Sequence[str]) -> Iterator[LineChange]:
    """Lines that were replaced by others: pairs that are alike stand beside each other, the rest below each other."""
    start = other_start = 0
    for left, right in _alike(old, new):
        yield from _unpaired(old[start:left], new[other_start:right])
        yield _compare_line(old[left], new[right])
        start, other_start = left + 1, right + 1
    yield from _unpaired(old[start:], new[other_start:])


def _alike(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """For each old line in turn the next new line that is like it."""
    if max(len(old), len(new)) > _MOST_PAIRED:
        return
    words = [count_words(line) for line in new]
    free = 0
    for left, line in enumerate(old):
        mine = count_words(line)
        near = range(free, min(len(new), free + _NEAR))
        right = next((at for at in near if likeness(mine, words[at]) >= _ALIKE), None)
        if right is not None:
            yield left, right
            free = right + 1


def _unpaired(old: Sequence[str], new: Sequence[str]) -> Iterator[LineChange]:
    yield from (LineChange((Span(line, is_changed=True),), None) for line in old)
    yield from (LineChange(None, (Span(line, is_changed=True),)) for line in new)


def _compare_line(before: str, after: str) -> LineChange:
    old, new = words_of(before), words_of(after)
    if len(old) + len(new) > _MOST_WORDS:
        return LineChange((Span(before, is_changed=True),), (Span(after, is_changed=True),))
    left: list[Span] = []
    right: list[Span] = []
    for tag, start, end, other_start, other_end in _blocks(old, new):
        is_changed = tag != "equal"
        left += [Span("".join(old[start:end]), is_changed)] if end > start else []
        right += [Span("".join(new[other_start:other_end]), is_changed)] if other_end > other_start else []
    return LineChange(tuple(left), tuple(right))
