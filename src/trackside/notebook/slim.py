"""A notebook without what a revision has no use for: its outputs, and attachments beyond a limit.

Also a program, which reads a large file and writes the slim notebook to its standard output. Parsing a hundred
megabytes of JSON holds up every thread of a process, and the kernel's must not be. Nothing is imported from elsewhere
in the package, so that the program starts quickly.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

MAX_ATTACHMENTS = 10 * 1024 * 1024
"""Characters of all attachments together; the largest are left out until the rest fits."""
LEFT_OUT = "attachments_left_out"
"""Where a cell says which of its attachments it does not have any more."""


def slim(notebook: dict[str, Any]) -> dict[str, Any]:
    """The same notebook, changed in place; one of another form is left as it is."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return notebook
    found = [cell for cell in cells if isinstance(cell, dict)]
    for cell in found:
        cell.pop("outputs", None)
        cell.pop(LEFT_OUT, None)
    room = MAX_ATTACHMENTS
    for size, position, name in sorted(_attachments(found)):
        room -= size
        if room < 0:
            del found[position]["attachments"][name]
            found[position].setdefault(LEFT_OUT, []).append(name)
    return notebook


def _attachments(cells: list[dict[str, Any]]) -> Iterator[tuple[int, int, str]]:
    """The size, the cell and the name of each."""
    for position, cell in enumerate(cells):
        attachments = cell.get("attachments")
        for name, content in attachments.items() if isinstance(attachments, dict) else ():
            yield _size(content), position, name


def _size(content: object) -> int:
    if isinstance(content, dict):
        return sum(map(_size, content.values()))
    if isinstance(content, list):
        return sum(map(_size, content))
    return len(content) if isinstance(content, str) else 8


def main(path: str) -> None:
    """Write the slim notebook of a file to the standard output, as JSON that any encoding can carry."""
    with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - takes any path, and needs no import
        notebook = json.load(file)
    json.dump(slim(notebook), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
