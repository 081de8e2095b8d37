"""A comparison as a picture, for pages where nothing runs: its first chart, and a small table below it."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from trackside.widgets import svg
from trackside.widgets.chart_data import Column, NumberColumn, TextColumn
from trackside.widgets.compare_charts import MOST_AXES, TOP, WIDTH, Shown, draw_chart, run_name
from trackside.widgets.directions import better_direction
from trackside.widgets.svg_axes import make_axis, show_number, show_text

if TYPE_CHECKING:
    from trackside.widgets.chart_data import ChartData
    from trackside.widgets.compare_curves import Curve

MOST_ROWS = 8
MOST_COLUMNS = 7
ROW = 18
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as the text of an SVG file, and what it says."""

    svg: str
    told: str

    @property
    def html(self) -> str:
        """The picture as an image that people hear of who do not see it."""
        source = base64.b64encode(self.svg.encode("utf-8", "replace")).decode()
        return f'<img alt="{escape(svg.safe(self.told))}" src="data:image/svg+xml;base64,{source}">'


def draw(data: ChartData, curves: Sequence[Curve], view: dict[str, Any]) -> Image:
    """The picture of a comparison."""
    columns = chosen_columns(data, view)
    shown = Shown(data, columns, curves, main_metric(columns, view["metrics"]))
    drawing = None if view["charts"][0] == "table" else draw_chart(view["charts"][0], shown)
    top = 48 if drawing is None else TOP + drawing.height + 26
    table = _table(shown, top)
    whole = round(top + len(table) * ROW)
    title = f"{_counted(data)}{drawing.told if drawing else ''}"
    drawn = "\n".join(
        [
            svg.rect(0, 0, WIDTH, whole, svg.PAPER),
            svg.text(16, 24, title, size=13, weight="600"),
            *(drawing.parts if drawing else ()),
            *table,
        ]
    )
    description = _describe(columns)
    labels, named = _labels(title, description, drawn)
    return Image(svg.root(WIDTH, whole, f'role="img" {labels}', named + drawn), f"{title}. {description}".strip())


def chosen_columns(data: ChartData, view: dict[str, Any]) -> list[Column]:
    """The params and metrics that are shown: those that were asked for, in their order, else those that differ."""
    found: list[Column] = []
    for kind, keys in (("param", view["params"]), ("metric", view["metrics"])):
        own = {column.key: column for column in data.columns if column.kind == kind}
        if keys is not None:
            found += [own[key] for key in keys if key in own]
        else:
            found += [column for column in own.values() if len(data.run_ids) < 2 or _differs(column)]
    return found


def main_metric(columns: Sequence[Column], asked: Sequence[str] | None) -> Column | None:
    """The first metric that was asked for, else the last whose better side is known, else the last."""
    metrics = [column for column in columns if column.kind == "metric"]
    judged = [column for column in metrics if better_direction(column.key)]
    return next(iter(metrics if asked else [*judged[-1:], *metrics[-1:]]), None)


def _counted(data: ChartData) -> str:
    return f"Comparison of {data.total:,} runs" if data.total != 1 else "One run"


def _labels(title: str, description: str, drawn: str) -> tuple[str, str]:
    """What names a picture that stands in a page itself, by ids that no other picture of the page has."""
    part = f"trackside-{zlib.crc32(drawn.encode('utf-8', 'replace')):08x}"
    named = f'<title id="{part}-title">{svg.safe(title)}</title><desc id="{part}-desc">{svg.safe(description)}</desc>'
    return f'aria-labelledby="{part}-title {part}-desc"', named


def _describe(columns: Sequence[Column]) -> str:
    """What people hear who do not see the picture: the range of each metric, and what was varied."""
    params = [column.key for column in columns if column.kind == "param"][:MOST_AXES]
    metrics = [axis for column in columns if column.kind == "metric" and (axis := make_axis(column))][:MOST_AXES]
    told = [f"{axis.label} from {axis.first} to {axis.last}" for axis in metrics]
    varied = f"Params: {', '.join(params)}." if params else ""
    return " ".join(filter(None, (f"Metrics: {'; '.join(told)}." if told else "", varied)))


def _differs(column: Column) -> bool:
    if isinstance(column, TextColumn):
        return len(column.texts) > 1 or (bool(column.texts) and -1 in column.codes)
    return column.missing is not None or len(set(column.values)) > 1


# The table


def _table(shown: Shown, top: float) -> list[str]:
    """Names, params and metrics of the best or the first runs, a line of SVG for each."""
    columns, data = _table_columns(shown), shown.data
    width = (WIDTH - 32) / (len(columns) + 1.5)
    places = _first_runs(shown)
    rows = [_row("run", [column.key for column in columns], top, width, "600")]
    for index, place in enumerate(places):
        cells = [_cell(column, place) for column in columns]
        rows.append(_row(run_name(data, place), cells, top + (index + 1) * ROW, width, ""))
    left = data.total - len(places)
    more = f"… and {left:,} more. Open the notebook in JupyterLab with Trackside to see all of them."
    return [*rows, svg.text(16, top + len(rows) * ROW, more, fill=svg.MUTED)] if left > 0 else rows


def _table_columns(shown: Shown) -> list[Column]:
    """As many as have room; the metric that matters most is one of them."""
    kept = list(shown.columns[-MOST_COLUMNS:])
    if shown.main is None or shown.main in kept:
        return kept
    return [*kept[1:], shown.main]


def _first_runs(shown: Shown) -> list[int]:
    """The best runs where it is known what is better, else the first; those without a number last."""
    places, main = list(range(len(shown.data.run_ids))), shown.main
    direction = better_direction(main.key) if main else None
    if direction is None or not isinstance(main, NumberColumn):
        return places[:MOST_ROWS]
    sign = 1 if direction == "smaller" else -1

    def rank(place: int) -> float:
        value = main.values[place] if main.is_there(place) else math.nan
        return math.inf if math.isnan(value) else sign * value

    return sorted(places, key=rank)[:MOST_ROWS]


def _row(name: str, cells: Sequence[str], y: float, width: float, weight: str) -> str:
    most = max(4, int(width / 7))
    texts = [svg.text(16, y, svg.shorten(name, int(most * 1.5)), weight=weight)]
    texts += [
        svg.text(16 + (index + 1.5) * width, y, svg.shorten(cell, most), weight=weight)
        for index, cell in enumerate(cells)
    ]
    return "".join(texts)


def _cell(column: Column, place: int) -> str:
    if isinstance(column, NumberColumn):
        return show_number(column.values[place]) if column.is_there(place) else NOTHING
    return show_text(column.text_of(place) or NOTHING)
