"""What stands behind a magic's word, taken apart: plain words, ``key=value`` and ``--options``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trackside.errors import InvalidValueError, nearest


@dataclass(frozen=True, slots=True)
class Arguments:
    """The parts of a magic's line.

    Attributes:
        words: Words without ``=``.
        values: What was given as ``key=value``.
        options: For each option, its values; a switch has one empty value each time.
    """

    words: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)

    def option(self, name: str) -> str | None:
        """The last value of an option, or None where it was not given."""
        return self.options[name][-1] if name in self.options else None

    def pairs(self, name: str) -> dict[str, str]:
        """The values of an option that takes ``key=value``, as a dictionary."""
        found: dict[str, str] = {}
        for text in self.options.get(name, []):
            _add(found, text)
        return found

    @property
    def name(self) -> str | None:
        """All plain words as one name, or None where there are none."""
        return " ".join(self.words).strip() or None


def split(line: str) -> list[str]:
    """The parts of a line, with quotes as in a shell: ``name="two words"``. A ``#`` is no comment.

    Raises:
        InvalidValueError: A quote is not closed.
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        raise InvalidValueError(f"cannot read {line!r}: {error}", hint="put values with spaces in quotes") from None


def parse(parts: Sequence[str], allowed: Mapping[str, bool]) -> Arguments:
    """Sort the parts of a line.

    Args:
        parts: As ``split`` gives them.
        allowed: The options, with ``--``, and whether each takes a value.

    Raises:
        InvalidValueError: There is an option that is not allowed, or one without its value, or a key with two values.
    """
    arguments = Arguments()
    left = list(parts)
    while left:
        part = left.pop(0)
        if part.startswith("--"):
            name, _, value = part.partition("=")
            _require_known(name, allowed)
            arguments.options.setdefault(name, []).append(_value_of(name, value, left) if allowed[name] else "")
        elif "=" in part:
            _add(arguments.values, part)
        else:
            arguments.words.append(part)
    return arguments


def split_pair(text: str) -> tuple[str, str]:
    """Key and value of ``key=value``. Raises InvalidValueError where it is not one."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise InvalidValueError(f"expected key=value, not {text!r}")
    return key.strip(), value


def _add(found: dict[str, str], text: str) -> None:
    key, value = split_pair(text)
    if found.setdefault(key, value) != value:
        raise InvalidValueError(f"{key} is given twice: as {found[key]!r} and as {value!r}")


def _require_known(name: str, allowed: Mapping[str, bool]) -> None:
    if name not in allowed:
        known, near = ", ".join(allowed), nearest(name, allowed)
        hint = f"did you mean {near}?" if near else f"known here: {known}" if known else "none here"
        raise InvalidValueError(f"there is no option {name}", hint=hint)


def _value_of(name: str, value: str, left: list[str]) -> str:
    if value:
        return value
    if not left or left[0].startswith("--"):
        raise InvalidValueError(f"the option {name} needs a value")
    return left.pop(0)
