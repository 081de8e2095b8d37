"""Cuts filter and order texts into tokens, one at a time, as the parser asks for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from trackside.errors import FilterError

MAX_SHOWN = 30
MAX_MESSAGE = 200

_ESCAPABLE = r"""'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'|"[^"\\]*(?:(?:""|\\[\s\S])[^"\\]*)*\""""

TOKENS = {
    name: re.compile(pattern)
    for name, pattern in {
        "(": r"\(",
        ")": r"\)",
        ",": r",",
        ".": r"\.",
        "comparison": r"[<>=!~]+",
        # A doubled quote and a quote after a backslash do not end a text, and both stay in it, as in MLflow.
        "text": r"""'[^'\\]*(?:(?:''|\\'|\\)[^'\\]*)*'|"[^"\\]*(?:(?:""|\\"|\\)[^"\\]*)*\"""",
        # In lists, which MLflow reads as Python, and behind an E a backslash takes the next character along.
        "list text": _ESCAPABLE,
        "escaped text": f"[Ee](?:{_ESCAPABLE})",
        "backticks": r"`[^`]*(?:``[^`]*)*`",
        "number": r"[+-]?\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*",
        "word": r"[^\W\d]\w*",
        "key": r"[\w.]+(?:[-/:]+[\w.]+)*",
    }.items()
}
SPACE = re.compile(r"\s*")
_ANY_WORD = re.compile(r"[\w.]+|\S")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text and where it begins."""

    name: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next piece begins."""
        return self.start + len(self.text)


class Tokenizer:
    """Stands at a place in a text and says what comes next.

    Args:
        text: What is to be read.
        subject: What it is called in messages, as "filter".
    """

    def __init__(self, text: str, subject: str) -> None:
        self.text = text
        self.subject = subject
        self.position = 0
        self._require_whole_characters()
        self.skip_space()

    @property
    def at_end(self) -> bool:
        """Whether nothing but space is left."""
        return self.position == len(self.text)

    def peek(self, *names: str) -> Token | None:
        """The next token if it is one of these kinds; the first kind that fits is taken."""
        for name in names:
            if found := TOKENS[name].match(self.text, self.position):
                return Token(name, found[0], self.position)
        return None

    def read(self, *names: str) -> Token | None:
        """Like ``peek``, and go on behind the token and the space that follows it."""
        token = self.peek(*names)
        if token:
            self.go_to(token.end)
        return token

    def peek_keyword(self, *words: str) -> Token | None:
        """The next token if it is one of these words, in capitals or not."""
        token = self.peek("word")
        return token if token and token.text.upper() in words else None

    def read_keyword(self, *words: str) -> Token | None:
        """Like ``peek_keyword``, and go on behind the word."""
        token = self.peek_keyword(*words)
        if token:
            self.go_to(token.end)
        return token

    def go_to(self, position: int) -> None:
        """Continue at a place, and at the next thing there that is not space."""
        self.position = position
        self.skip_space()

    def skip_space(self) -> None:
        """Go on to the next thing that is not space."""
        found = SPACE.match(self.text, self.position)
        self.position = found.end() if found else self.position

    def fail_expecting(self, expected: str, hint: str = "") -> NoReturn:
        """Say what should have come here, and what came instead."""
        self._fail_at_open_quote()
        word = _ANY_WORD.match(self.text, self.position)
        token = self.peek("escaped text", "text", "backticks", "comparison", "number")
        length = max(len(word[0]) if word else 1, len(token.text) if token else 1)
        found = shortened(self.text[self.position : self.position + length]) or f"the end of the {self.subject}"
        found = "a space" if found.isspace() else found
        self.fail(f"expected {expected}, found {found}", self.position, length, hint)

    def fail(self, message: str, position: int, length: int, hint: str = "") -> NoReturn:
        """Say what is wrong with a part of the text."""
        raise FilterError(
            shortened(message, MAX_MESSAGE),
            text=self.text,
            position=position,
            length=length,
            hint=shortened(hint, MAX_MESSAGE),
        )

    def _require_whole_characters(self) -> None:
        try:
            self.text.encode()
        except UnicodeEncodeError as cause:
            self.fail("here is half a character, which no run can have", cause.start, 1)

    def _fail_at_open_quote(self) -> None:
        quote = self.text[self.position : self.position + 1]
        if quote in ("'", '"', "`") and not self.peek("text", "backticks"):
            hint = f"Put another {quote} where the quoted text ends."
            self.fail(f"the quote {quote} is never closed", self.position, 1, hint)


def shortened(text: str, length: int = MAX_SHOWN) -> str:
    """The text, cut where it is long."""
    return text if len(text) <= length else f"{text[:length]}…"
