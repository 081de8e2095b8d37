"""A comparison as it is kept in a notebook: whole enough to be looked at without a kernel, and small.

The other side is ``js/src/widget/compare/saved.ts``.
"""

from __future__ import annotations

import base64
import json
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trackside.widgets.bridge import Buffers
from trackside.widgets.chart_data import ChartData, NumberColumn

if TYPE_CHECKING:
    from trackside.widgets.compare_curves import Curve

MIME = "application/vnd.trackside.compare.v1+json"
VERSION = 1
MOST_RUNS = 2000
MOST_BYTES = 1_000_000
"""Of what is kept, before it is written as text."""

_ALIGNMENT = 8


def to_json(data: ChartData, curves: Sequence[Curve], view: dict[str, Any], comparison_id: str) -> dict[str, Any]:
    """What a notebook keeps; JupyterLab's part of Trackside draws it.

    ``content`` is base64 of zlib of: the length of a JSON text (uint32), the JSON text, and the columns, each on a
    multiple of 8 bytes; all little-endian. The JSON says where each column begins and ends.
    """
    reduced, kept = reduce(data), curves
    content = pack(reduced, kept)
    while len(content) > MOST_BYTES and (kept or len(reduced.columns) > 1 or len(reduced.run_ids) > 1):
        reduced, kept = _smaller(reduced, kept)
        content = pack(reduced, kept)
    return {
        "version": VERSION,
        "comparison": comparison_id,
        "runs": len(reduced.run_ids),
        "total": data.total,
        "view": view,
        "content": base64.b64encode(content).decode(),
    }


def pack(data: ChartData, curves: Sequence[Curve]) -> bytes:
    """Everything that is shown, compressed."""
    buffers = Buffers()
    wire = {**data.to_wire(buffers), "curves": [curve.to_wire(buffers) for curve in curves]}
    body, places = bytearray(), []
    for part in buffers.parts:
        places.append([len(body), len(part)])
        body += part + bytes(-len(part) % _ALIGNMENT)
    text = json.dumps({"data": wire, "buffers": places}, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    head = struct.pack("<I", len(text)) + text
    return zlib.compress(head + bytes(-len(head) % _ALIGNMENT) + bytes(body), 6)


def reduce(data: ChartData, most: int = MOST_RUNS) -> ChartData:
    """At most this many runs: the best and worst of each metric, and others evenly spread."""
    count = len(data.run_ids)
    if count <= most:
        return data
    kept = dict.fromkeys(place for column in data.columns if column.kind == "metric" for place in _ends(column))
    places = list(kept)[: most // 2]
    rest = most - len(places)
    spread = [count * number // rest for number in range(rest)]
    return data.pick(sorted({*places, *spread}))


def _ends(column: Any) -> list[int]:
    """Where the smallest and the largest number of a column are."""
    if not isinstance(column, NumberColumn):
        return []
    found = [place for place, value in enumerate(column.values) if math.isfinite(value)]
    return [min(found, key=column.values.__getitem__), max(found, key=column.values.__getitem__)] if found else []


def _smaller(data: ChartData, curves: Sequence[Curve]) -> tuple[ChartData, Sequence[Curve]]:
    """Without curves; then without the largest column that is no metric's; then with half of the runs."""
    if curves:
        return data, ()
    others = [column for column in data.columns if column.kind in ("param", "tag") or column.key == "note"]
    if not others:
        if len(data.run_ids) > 1:
            return reduce(data, len(data.run_ids) // 2), ()
        return replace(data, columns=data.columns[:-1]), ()
    largest = max(others, key=_size)
    columns = [column for column in data.columns if column is not largest]
    return replace(data, columns=columns, left_out=[*data.left_out, f"{largest.kind}s.{largest.key}"]), ()


def _size(column: Any) -> int:
    if isinstance(column, NumberColumn):
        return 8 * len(column.values)
    return 4 * len(column.codes) + sum(map(len, column.texts))
