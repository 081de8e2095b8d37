"""A comparison as a picture, for pages where nothing runs: its first chart, and a small table below it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trackside.widgets import svg
from trackside.widgets.chart_data import Column, NumberColumn, TextColumn

if TYPE_CHECKING:
    from trackside.widgets.chart_data import ChartData
    from trackside.widgets.compare_curves import Curve

WIDTH = 800
HEIGHT = 240
LEFT, RIGHT, TOP = 60, 40, 64
MOST_AXES = 8
MOST_LINES = 300
MOST_ROWS = 8
MOST_COLUMNS = 6
ROW = 18
NOTHING = "-"
_FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', sans-serif\""


def draw(data: ChartData, curves: Sequence[Curve], view: dict[str, Any]) -> str:
    """The picture, as the text of an SVG file."""
    columns = chosen_columns(data, view)
    title, chart = _chart(data, curves, view, columns)
    height = TOP + HEIGHT + 56 if chart else 40
    table = _table(data, columns, height)
    whole = height + len(table) * ROW + 16
    told = f"Comparison of {data.total:,} runs" if data.total != 1 else "One run"
    head = [svg.text(16, 24, f"{told}{title}", size=13, weight="600")]
    drawn = "\n".join([*head, *chart, *table])
    labels, named = _labels(f"{told}{title}", _describe(columns), drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{whole}" viewBox="0 0 {WIDTH} {whole}" '
        f'role="img" {labels} {_FONT} fill="{svg.INK}" style="max-width: 100%; height: auto">{named}{drawn}</svg>'
    )


def _labels(title: str, description: str, drawn: str) -> tuple[str, str]:
    """What names a picture that stands in a page itself, by ids that no other picture of the page has."""
    part = f"trackside-{zlib.crc32(drawn.encode('utf-8', 'replace')):08x}"
    named = f'<title id="{part}-title">{svg.safe(title)}</title><desc id="{part}-desc">{svg.safe(description)}</desc>'
    return f'aria-labelledby="{part}-title {part}-desc"', named


def _describe(columns: Sequence[Column]) -> str:
    """What people hear who do not see the picture: the range of each metric, and what was varied."""
    params = [column.key for column in columns if column.kind == "param"][:MOST_AXES]
    told = [f"{axis.label} from {axis.first} to {axis.last}" for axis in _metric_axes(columns)[:MOST_AXES]]
    varied = f"Params: {', '.join(params)}." if params else ""
    return " ".join(filter(None, (f"Metrics: {'; '.join(told)}." if told else "", varied)))


def _metric_axes(columns: Sequence[Column]) -> list[svg.Axis]:
    return [axis for column in columns if column.kind == "metric" and (axis := svg.make_axis(column))]


def chosen_columns(data: ChartData, view: dict[str, Any]) -> list[Column]:
    """The params and metrics that are shown: those that were asked for, else those that differ."""
    found: list[Column] = []
    for kind, keys in (("param", view["params"]), ("metric", view["metrics"])):
        own = [column for column in data.columns if column.kind == kind]
        if keys is not None:
            own = [column for column in own if column.key in keys]
        elif len(data.run_ids) > 1:
            own = [column for column in own if _differs(column)]
        found += own
    return found


def _differs(column: Column) -> bool:
    if isinstance(column, TextColumn):
        return len(column.texts) > 1 or (bool(column.texts) and -1 in column.codes)
    return column.missing is not None or len(set(column.values)) > 1


def _chart(
    data: ChartData, curves: Sequence[Curve], view: dict[str, Any], columns: Sequence[Column]
) -> tuple[str, list[str]]:
    """What the first chart says that it is, and its elements; none where there is nothing to draw."""
    first = view["charts"][0]
    if first == "table" or len(data.run_ids) < 2:
        return "", []
    if first == "curves" and curves:
        return f": {curves[0].key}", _curves([curve for curve in curves if curve.key == curves[0].key])
    axes = _axes(columns)
    if len(axes) < 2:
        return "", []
    if first in ("scatter", "contour"):
        return f": {svg.shorten(axes[-1].label, 40)}", _scatter(axes[0], axes[-1])
    return f", coloured by {svg.shorten(axes[-1].label, 40)}", _parallel(axes)


def _axes(columns: Sequence[Column]) -> list[svg.Axis]:
    """Params, then metrics; metrics first where there is no room for all."""
    made = [(column.kind, axis) for column in columns if (axis := svg.make_axis(column))]
    metrics = [axis for kind, axis in made if kind == "metric"][:MOST_AXES]
    params = [axis for kind, axis in made if kind == "param"]
    room = max(MOST_AXES - len(metrics), MOST_AXES // 2)
    params = params[:room]
    return params + metrics[: MOST_AXES - len(params)]


def _x(place: float) -> float:
    return LEFT + 20 + place * (WIDTH - LEFT - RIGHT - 40)


def _y(place: float) -> float:
    return TOP + (1 - place) * HEIGHT


def _parallel(axes: Sequence[svg.Axis]) -> list[str]:
    count = len(axes[0].places)
    colours = axes[-1].places
    step = max(1, count // MOST_LINES)
    opacity = max(0.25, min(0.9, 40 / max(1, count // step)))
    lines = [
        svg.path(_points(axes, run), svg.INK if (part := colours[run]) is None else svg.mix(part), opacity, 1.3)
        for run in range(0, count, step)
    ]
    return [*lines, *(part for index, axis in enumerate(axes) for part in _upright(axis, index / (len(axes) - 1)))]


def _points(axes: Sequence[svg.Axis], run: int) -> list[tuple[float, float]]:
    """A run's way along the axes; where it has no value it passes below them."""
    places = [(index / (len(axes) - 1), axis.places[run]) for index, axis in enumerate(axes)]
    return [(_x(x), _y(-0.06 if place is None else place)) for x, place in places]


def _upright(axis: svg.Axis, place: float) -> list[str]:
    x = _x(place)
    anchor = "start" if place == 0 else "end" if place == 1 else "middle"
    edge = {"start": x - 20, "end": x + 20, "middle": x}[anchor]
    return [
        svg.line(x, _y(0), x, _y(1)),
        svg.text(edge, TOP - 18, svg.shorten(axis.label, 16), anchor=anchor, weight="600"),
        svg.text(x, TOP - 5, axis.last, anchor="middle", size=10),
        svg.text(x, TOP + HEIGHT + 28, axis.first, anchor="middle", size=10),
    ]


def _scatter(across: svg.Axis, up: svg.Axis) -> list[str]:
    pairs = [(x, y) for x, y in zip(across.places, up.places, strict=True) if x is not None and y is not None]
    dots = [
        f'<circle cx="{svg.number(_x(x))}" cy="{svg.number(_y(y))}" r="3.5" fill="{svg.SERIES[0]}" fill-opacity="0.6"/>'
        for x, y in pairs[:: max(1, len(pairs) // MOST_LINES)]
    ]
    return [*_cross((across.first, across.last), (up.first, up.last), across.label, up.label), *dots]


def _curves(curves: Sequence[Curve]) -> list[str]:
    points = [point for curve in curves for point in curve.kept if math.isfinite(point.value)]
    if not points:
        return []
    steps, values = [point.step for point in points], [point.value for point in points]
    (left, right), (low, high) = (min(steps), max(steps)), (min(values), max(values))
    width, height = (right - left) or 1, (high - low) or 1.0
    lines = [
        svg.path(
            [
                (_x((point.step - left) / width), _y((point.value - low) / height))
                for point in curve.kept
                if math.isfinite(point.value)
            ],
            svg.SERIES[place % len(svg.SERIES)],
        )
        for place, curve in enumerate(curves)
    ]
    ends = (svg.show_number(low), svg.show_number(high))
    return [*_cross((f"{left:,}", f"{right:,}"), ends, "step", curves[0].key), *lines]


def _cross(across: tuple[str, str], up: tuple[str, str], below: str, beside: str) -> list[str]:
    """A horizontal and a vertical axis."""
    return [
        svg.line(_x(0) - 8, _y(0) + 8, _x(1), _y(0) + 8),
        svg.line(_x(0) - 8, _y(0) + 8, _x(0) - 8, _y(1)),
        svg.text(_x(0), _y(0) + 22, across[0], size=10),
        svg.text(_x(1), _y(0) + 22, across[1], anchor="end", size=10),
        svg.text(_x(0.5), _y(0) + 22, svg.shorten(below, 40), anchor="middle", weight="600"),
        svg.text(_x(0) - 12, _y(0) + 4, up[0], anchor="end", size=10),
        svg.text(_x(0) - 12, _y(1) + 8, up[1], anchor="end", size=10),
        svg.text(_x(0) - 8, _y(1) - 10, svg.shorten(beside, 40), weight="600"),
    ]


def _table(data: ChartData, columns: Sequence[Column], top: float) -> list[str]:
    """Names, params and metrics of the first runs, a line of SVG for each."""
    name = data.find("detail", "name")
    shown = columns[-MOST_COLUMNS:] if len(columns) > MOST_COLUMNS else columns
    width = (WIDTH - 32) / (len(shown) + 1.5)
    places = range(min(MOST_ROWS, len(data.run_ids)))
    rows = [_row("run", [column.key for column in shown], top, width, "600")]
    for index, place in enumerate(places):
        named = name.text_of(place) if isinstance(name, TextColumn) else None
        cells = [_cell(column, place) for column in shown]
        rows.append(_row(named or data.run_ids[place][:8], cells, top + (index + 1) * ROW, width, ""))
    left = data.total - len(places)
    more = f"… and {left:,} more. Open the notebook in JupyterLab with Trackside to see all of them."
    return [*rows, svg.text(16, top + len(rows) * ROW, more)] if left > 0 else rows


def _row(name: str, cells: Sequence[str], y: float, width: float, weight: str) -> str:
    most = max(4, int(width / 6.5))
    texts = [svg.text(16, y, svg.shorten(name, int(most * 1.5)), weight=weight)]
    texts += [
        svg.text(16 + (index + 1.5) * width, y, svg.shorten(cell, most), weight=weight)
        for index, cell in enumerate(cells)
    ]
    return "".join(texts)


def _cell(column: Column, place: int) -> str:
    if isinstance(column, NumberColumn):
        return svg.show_number(column.values[place]) if column.is_there(place) else NOTHING
    return svg.show_text(column.text_of(place) or NOTHING)
