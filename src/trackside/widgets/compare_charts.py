"""The charts of a comparison as SVG, for pages where nothing runs. They look like those that live, and are simpler."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.widgets import svg
from trackside.widgets.chart_data import ChartData, Column, NumberColumn
from trackside.widgets.directions import better_direction
from trackside.widgets.svg_axes import Axis, Scale, Tick, make_axis, show_number

if TYPE_CHECKING:
    from trackside.widgets.compare_curves import Curve

WIDTH = 800
HEIGHT = 250
LEFT, RIGHT, TOP = 76, 24, 66
LEGEND = 44
MOST_AXES = 8
MOST_LINES = 200
MOST_POINTS = 600
MOST_BARS = 16
BAR = 18
_BETTER = {"smaller": "smaller is better", "larger": "larger is better"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn: the columns that were chosen, and which of them tells how good a run is."""

    data: ChartData
    columns: Sequence[Column]
    curves: Sequence[Curve]
    main: Column | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Elements from ``TOP`` on, their height, and what they show."""

    told: str
    parts: Sequence[str]
    height: float = HEIGHT


def draw_chart(name: str, shown: Shown) -> Drawing | None:
    """A chart; parallel coordinates where it cannot be drawn, None where these cannot either."""
    make = _CHARTS.get(name, _parallel)
    return (make(shown) or _parallel(shown)) if len(shown.data.run_ids) > 1 else None


# Parallel coordinates


def _parallel(shown: Shown) -> Drawing | None:
    axes = _axes(shown)
    if len(axes) < 2:
        return None
    main = _main_axis(shown, axes) or axes[-1]
    order = _by_merit(main)[:: max(1, math.ceil(len(main.places) / MOST_LINES))]
    drawn = svg.lines(
        (svg.path(_way(axes, run), _colour(main, run)) for run in order),
        opacity=max(0.35, min(0.9, 30 / len(order))),
        width=1.3,
    )
    uprights = [part for index, axis in enumerate(axes) for part in _upright(axes, axis, index)]
    told = f", coloured by {svg.shorten(main.label, 40)}"
    has_gaps = any(place is None for axis in axes for place in axis.places)
    bottom = TOP + HEIGHT + (20 if has_gaps else 0)
    below = [svg.text(16, _y(-0.07) + 4, "none", size=10, fill=svg.MUTED)] if has_gaps else []
    return Drawing(told, [drawn, *uprights, *below, *_legend(main, bottom + 14)], bottom + LEGEND - TOP)


def _axes(shown: Shown) -> list[Axis]:
    """Params, then metrics; metrics first where there is no room for all."""
    made = [axis for column in shown.columns if (axis := make_axis(column))]
    metrics = [axis for axis in made if axis.column.kind == "metric"][:MOST_AXES]
    params = [axis for axis in made if axis.column.kind == "param"]
    params = params[: max(MOST_AXES - len(metrics), MOST_AXES // 2)]
    return params + metrics[: MOST_AXES - len(params)]


def _main_axis(shown: Shown, axes: Iterable[Axis]) -> Axis | None:
    return next((axis for axis in axes if axis.column is shown.main), None)


def _by_merit(axis: Axis) -> list[int]:
    """Runs from the worst to the best, which is drawn over the others."""
    return sorted(range(len(axis.places)), key=lambda run: (axis.places[run] is not None, _merit(axis, run)))


def _merit(axis: Axis, run: int) -> float:
    place = axis.places[run] or 0.0
    return 1 - place if axis.direction == "smaller" else place


def _colour(axis: Axis, run: int) -> str:
    return svg.OTHER if axis.places[run] is None else svg.ramp(_merit(axis, run))


def _way(axes: Sequence[Axis], run: int) -> list[tuple[float, float]]:
    """A run's way along the axes; where it has no value it passes below them."""
    places = [(index / (len(axes) - 1), axis.places[run]) for index, axis in enumerate(axes)]
    return [(_x(x), _y(-0.07 if place is None else place)) for x, place in places]


def _upright(axes: Sequence[Axis], axis: Axis, index: int) -> list[str]:
    """An axis with its ticks; where titles do not fit beside each other, every second one goes up a line."""
    gap = (WIDTH - LEFT - RIGHT - 20) / (len(axes) - 1)
    x, is_last = _x(index / (len(axes) - 1)), index == len(axes) - 1
    is_close = any(len(other.label) * 7 > gap - 8 for other in axes)
    title = svg.shorten(axis.label, int((gap * 2 if is_close else gap) / 7.5))
    y = TOP - 10 - (14 if is_close and index % 2 else 0)
    edge, anchor = (x + RIGHT - 8, "end") if is_last else (x, "middle") if index else (x + 8, "middle")
    return [
        svg.text(edge, y, title, anchor=anchor, weight="600"),
        *_ticks(x, [(place, svg.shorten(label, int(gap / 7))) for place, label in axis.ticks]),
    ]


def _ticks(x: float, ticks: Sequence[Tick]) -> list[str]:
    """An axis and its marks, with values on patches of paper, so that they can be read over lines."""
    return [
        svg.patches((x - 8 - len(label) * 6, _y(place) - 6, len(label) * 6 + 2, 12) for place, label in ticks),
        svg.rules([(x, _y(0), x, _y(1)), *((x - 4, _y(place), x, _y(place)) for place, _ in ticks)]),
        svg.labels(((x - 6, _y(place) + 4, label) for place, label in ticks), "end"),
    ]


# Points and curves between two axes


def _scatter(shown: Shown) -> Drawing | None:
    up = make_axis(shown.main) if shown.main else None
    others = [axis for axis in _axes(shown) if axis.column is not shown.main]
    if up is None or not others:
        return None
    across = next((axis for axis in others if axis.column.kind == "metric"), others[0])
    told = f": {svg.shorten(up.label, 40)} over {svg.shorten(across.label, 40)}"
    return Drawing(told, [*_cross(across, up), *_dots(across, up, lambda _run: svg.SERIES[0])], HEIGHT + LEGEND)


def _contour(shown: Shown) -> Drawing | None:
    """The runs alone, coloured by their height."""
    height = make_axis(shown.main) if shown.main else None
    plane = [axis for axis in _axes(shown) if axis.column is not shown.main][:2]
    if height is None or len(plane) < 2:
        return None
    across, up = plane
    told = f": {svg.shorten(height.label, 40)} over {svg.shorten(across.label, 30)} and {svg.shorten(up.label, 30)}"
    dots = _dots(across, up, lambda run: _colour(height, run))
    legend = _legend(height, TOP + HEIGHT + 46)
    return Drawing(told, [*_cross(across, up), *dots, *legend], HEIGHT + LEGEND + 32)


def _dots(across: Axis, up: Axis, colour: Callable[[int], str]) -> list[str]:
    pairs = [
        (run, x, y)
        for run, (x, y) in enumerate(zip(across.places, up.places, strict=True))
        if x is not None and y is not None
    ]
    every = max(1, math.ceil(len(pairs) / MOST_POINTS))
    dots = "".join(svg.dot(_x(x), _y(y), colour(run)) for run, x, y in pairs[::every])
    return [f'<g fill-opacity="0.75">{dots}</g>']


def _curves(shown: Shown) -> Drawing | None:
    keys = list(dict.fromkeys(curve.key for curve in shown.curves))
    if not keys:
        return None
    key = shown.main.key if shown.main and shown.main.key in keys else keys[0]
    curves = [curve for curve in shown.curves if curve.key == key]
    points = [point for curve in curves for point in curve.kept if math.isfinite(point.value)]
    across = Scale.over([float(point.step) for point in points])
    up = Scale.over([point.value for point in points])
    if across is None or up is None:
        return None
    across = Scale(across.low, across.high, is_whole=True)
    colours, legend = _tell_apart(shown.data, curves)
    paths = [
        svg.path(
            ((_x(across.place(at.step)), _y(up.place(at.value))) for at in curve.kept if math.isfinite(at.value)),
            colour,
        )
        for curve, colour in zip(curves, colours, strict=True)
    ]
    cross = _lines_of(across.ticks(), up.ticks(), "step", f"{key} · log" if up.is_log else key)
    return Drawing(f": {svg.shorten(key, 40)}", [*cross, svg.lines(paths, 0.9, 1.6), *legend], HEIGHT + LEGEND + 32)


def _tell_apart(data: ChartData, curves: Sequence[Curve]) -> tuple[list[str], list[str]]:
    """A colour for each curve and a legend: of a few by name, of many by where they end."""
    y = TOP + HEIGHT + 46
    if len(curves) <= len(svg.SERIES):
        colours = list(svg.SERIES[: len(curves)])
        return colours, _names(zip((run_name(data, curve.run) for curve in curves), colours, strict=True), y)
    ends = [next((at.value for at in reversed(curve.kept) if math.isfinite(at.value)), math.nan) for curve in curves]
    axis = make_axis(NumberColumn("metric", curves[0].key, ends))
    if axis is None:
        return [svg.SERIES[0]] * len(curves), []
    return [_colour(axis, place) for place in range(len(curves))], _legend(axis, y, "last value")


def _cross(across: Axis, up: Axis) -> list[str]:
    names = [f"{svg.shorten(axis.label, 40)}{' · log' if axis.is_log else ''}" for axis in (across, up)]
    return _lines_of(across.ticks, up.ticks, *names)


def _lines_of(across: Sequence[Tick], up: Sequence[Tick], below: str, beside: str) -> list[str]:
    """A grid with what stands at its lines."""
    start, bottom = _x(0) - 8, _y(0) + 8
    return [
        svg.rules(((start, _y(place), _x(1), _y(place)) for place, _ in up), svg.FAINT),
        svg.labels(((start - 6, _y(place) + 4, svg.shorten(label, 11)) for place, label in up), "end"),
        svg.rules([(start, bottom, _x(1), bottom), *((_x(at), bottom, _x(at), bottom + 4) for at, _ in across)]),
        svg.labels(((_x(place), bottom + 16, svg.shorten(label, 14)) for place, label in across), "middle"),
        svg.text(_x(1), bottom + 31, below, anchor="end", weight="600"),
        svg.text(16, TOP - 16, beside, weight="600"),
    ]


# Bars


def _bars(shown: Shown) -> Drawing | None:
    """The best runs, or those with the largest values."""
    column = shown.main
    if not isinstance(column, NumberColumn):
        return None
    there = [run for run, value in enumerate(column.values) if column.is_there(run) and math.isfinite(value)]
    is_smaller = better_direction(column.key) == "smaller"
    order = sorted(there, key=column.values.__getitem__, reverse=not is_smaller)[:MOST_BARS]
    values = [column.values[run] for run in order]
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high or not math.isfinite(high - low):
        return None
    scale = Scale(low, high)
    parts = [
        part for index, run in enumerate(order) for part in _bar(run_name(shown.data, run), values[index], scale, index)
    ]
    kind = "best first" if better_direction(column.key) else "largest first"
    first = f"the first {len(order)} of {len(there):,}, " if len(there) > len(order) else ""
    return Drawing(f": {svg.shorten(column.key, 40)}, {first}{kind}", parts, len(order) * BAR - 10)


def _bar(name: str, value: float, scale: Scale, index: int) -> list[str]:
    start, end = sorted((190 + 500 * scale.place(0), 190 + 500 * scale.place(value)))
    y = TOP - 20 + index * BAR
    return [
        svg.text(182, y + 11, svg.shorten(name, 26), anchor="end"),
        svg.rect(start, y + 1, max(1, end - start), BAR - 4, svg.SERIES[0]),
        svg.text(end + 6, y + 11, show_number(value)),
    ]


# Legends


def _legend(axis: Axis, y: float, name: str = "") -> list[str]:
    """A ramp of colours with numbers below it, and which end is better."""
    title = svg.shorten(name or axis.label, 30)
    start, length, pieces = 28 + len(title) * 7, 200, 20
    is_smaller = axis.direction == "smaller"
    merits = [part / (pieces - 1) for part in range(pieces)]
    ramp = [
        svg.rect(start + index * length / pieces, y, length / pieces + 0.5, 9, svg.ramp(1 - at if is_smaller else at))
        for index, at in enumerate(merits)
    ]
    told = f"{'log, ' if axis.is_log else ''}{_BETTER.get(axis.direction or '', '')}".rstrip(", ")
    labels = svg.labels(((start + at * length, y + 21, label) for at, label in _spaced(axis.ticks, length)), "middle")
    hint = [svg.text(start + length + 14, y + 9, told, fill=svg.MUTED)] if told else []
    return [svg.text(16, y + 9, title, weight="600"), *ramp, labels, *hint]


def _spaced(ticks: Sequence[Tick], length: float) -> list[Tick]:
    """The ticks whose labels do not touch the one before them."""
    kept: list[Tick] = []
    end = -math.inf
    for place, label in ticks:
        half = len(label) * 3.2
        if place * length - half > end + 6:
            kept.append((place, label))
            end = place * length + half
    return kept


def _names(entries: Iterable[tuple[str, str]], y: float) -> list[str]:
    """Names beside their colours, as far as they have room."""
    parts: list[str] = []
    x = 16.0
    for name, colour in entries:
        label = svg.shorten(name, 24)
        if x + 16 + len(label) * 6.6 > WIDTH - 16:
            break
        parts += [svg.dot(x + 4, y + 5, colour, 4), svg.text(x + 12, y + 9, label)]
        x += 30 + len(label) * 6.6
    return parts


def run_name(data: ChartData, place: int) -> str:
    """The name of a run, or how its id begins."""
    column = data.find("detail", "name")
    named = None if column is None or isinstance(column, NumberColumn) else column.text_of(place)
    return named or data.run_ids[place][:8]


def _x(place: float) -> float:
    return LEFT + place * (WIDTH - LEFT - RIGHT - 20)


def _y(place: float) -> float:
    return TOP + (1 - place) * HEIGHT


_CHARTS: dict[str, Callable[[Shown], Drawing | None]] = {
    "curves": _curves,
    "scatter": _scatter,
    "contour": _contour,
    "bars": _bars,
}
