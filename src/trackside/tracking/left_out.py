"""What a run could not keep of what stood behind it, because it was too large or could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trackside.stores.waiting import counted
from trackside.tracking import tag_names


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is missing.

    Attributes:
        patch: Whether the patch lacks some of the changes against the commit.
        modules: How many local modules are missing.
        attachments: How many attachments the notebook's revision lacks.
    """

    patch: bool = False
    modules: int = 0
    attachments: int = 0

    def __bool__(self) -> bool:
        return self.patch or self.modules > 0 or self.attachments > 0

    def __str__(self) -> str:
        """Such as ``part of the changes against the commit, 2 local modules``; empty where nothing is missing."""
        parts = [
            "part of the changes against the commit" if self.patch else "",
            counted(self.modules, "local module") if self.modules else "",
            counted(self.attachments, "attachment") if self.attachments else "",
        ]
        return ", ".join(part for part in parts if part)


def read_left_out(tags: Mapping[str, str]) -> LeftOut:
    """What the tags of a run say."""
    modules, attachments = (
        _number(tags.get(name, "")) for name in (tag_names.MODULES_LEFT_OUT, tag_names.ATTACHMENTS_LEFT_OUT)
    )
    return LeftOut(tags.get(tag_names.GIT_PATCH_CUT) == "true", modules, attachments)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
