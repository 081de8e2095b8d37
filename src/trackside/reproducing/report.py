"""The report of a verification: as a page, as Markdown, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.reproducing.comparing import Comparison, CurveComparison, MetricComparison
    from trackside.reproducing.nested import NestedComparison
    from trackside.reproducing.verify import Verification

    _Row = tuple[list[str], bool]
    """What its cells say, and whether both sides are the same."""

FOLDER = "reproduction"
PAGE = f"{FOLDER}/report.html"

_VERDICTS = {
    "same": "The run was reproduced: params and metrics are the same.",
    "different": "The run was repeated with another result.",
    "failed": "The notebook failed when it was run again.",
    "no-run": "The notebook was run again and logged no run.",
}
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;max-width:60rem}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}"
    ".verdict{border-left:4px solid #d98c00;padding:.5rem 1rem;background:#d98c001a}"
    ".verdict[data-verdict=same]{border-color:#2e8540;background:#2e85401a}"
    ".verdict[data-verdict=failed]{border-color:#c9302c;background:#c9302c1a}"
    "table{border-collapse:collapse;margin:1rem 0;width:100%;font-variant-numeric:tabular-nums}"
    "td,th{padding:.25rem .75rem;text-align:left;vertical-align:top;"
    "border-bottom:1px solid #8884;overflow-wrap:anywhere}th{font-weight:500;opacity:.7}"
    "tr.differs{background:#d98c001a}tr.differs td:first-child,tr.differs td:last-child{font-weight:600}"
)


def write(run: Run, verification: Verification) -> dict[str, str]:
    """The report's files, by artifact path."""
    return {
        PAGE: _page(run, verification),
        f"{FOLDER}/report.md": markdown(run, verification),
        f"{FOLDER}/report.json": json.dumps(to_json(run, verification), indent=2, allow_nan=False) + "\n",
    }


def to_json(run: Run, verification: Verification) -> dict[str, Any]:
    """All that the report says; numbers that JSON has not are the texts ``NaN``, ``Infinity`` and ``-Infinity``."""
    return {
        "verdict": verification.verdict.value,
        "reproduces": run.info.run_id,
        "run_id": verification.run_id,
        "error": verification.error,
        **_comparison_to_json(verification.comparison),
        "nested": [_nested_to_json(one) for one in verification.nested],
        "reasons": [{"kind": one.kind.value, "text": one.text} for one in verification.reasons],
        "notes": list(verification.notes),
    }


def markdown(run: Run, verification: Verification) -> str:
    """The report as Markdown."""
    parts = [f"# Reproduction of {_quoted(run.info.run_name)}", "", _VERDICTS[verification.verdict.value], ""]
    if verification.error:
        parts += [f"Error: {_quoted(verification.error)}", ""]
    for title, heads, rows in _tables(verification):
        lines = [heads, ["---"] * len(heads), *([_quoted(cell) if cell else "" for cell in row] for row, _ in rows)]
        parts += [f"## {title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""]
    if verification.reasons:
        parts += ["## Why results may differ", "", *(f"- {_quoted(one.text)}" for one in verification.reasons), ""]
    if verification.notes:
        parts += ["## What was compared", "", *(f"- {_quoted(text)}" for text in verification.notes), ""]
    if verification.run_id:
        parts += ["All that is different between both runs:", "", f"    {diff_command(run, verification)}"]
    return "\n".join(parts) + "\n"


def summary(verification: Verification) -> str:
    """The verdict in one sentence, with the number of what differs."""
    told = _VERDICTS[verification.verdict.value]
    comparison, nested = verification.comparison, verification.nested
    counts = {
        "params": (sum(not one.is_same for one in comparison.params), len(comparison.params)),
        "metrics": (sum(not one.is_same for one in comparison.metrics), len(comparison.metrics)),
        "nested runs": (sum(not one.is_same for one in nested), len(nested)),
    }
    differing = [f"{count} of {total} {name}" for name, (count, total) in counts.items() if total]
    if not any(count for count, _ in counts.values()):
        return f"{told} {verification.error}".strip()
    *first, last = differing
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"{told} {listed} differ. {verification.error}".strip()


def show_difference(metric: MetricComparison) -> str:
    """How much a metric differs, in words."""
    if metric.before is None or metric.after is None:
        return "only in the original" if metric.after is None else "only in the new run"
    if not metric.is_same_at_last:
        return f"{metric.difference:.3g} relative" if math.isfinite(metric.difference) else "not comparable"
    if not metric.is_same_before:
        return _show_curve(metric.curve)
    worst = max(metric.difference, metric.curve.difference)
    return "equal" if worst == 0 else f"{worst:.1e}, within {metric.tolerance:g}"


def _show_curve(curve: CurveComparison) -> str:
    """How the points before the latest, which is the same, differ."""
    if curve.points_before != curve.points_after:
        return f"the same at last, of {curve.points_before} and {curve.points_after} points"
    if not math.isfinite(curve.difference):
        return "the same at last, before that not comparable"
    return f"the same at last, {curve.difference:.3g} relative at step {curve.step}"


def diff_command(run: Run, verification: Verification) -> str:
    """What shows all differences of both runs, on the command line."""
    return f"trackside diff {run.info.run_id} {verification.run_id}"


def _tables(verification: Verification) -> Iterator[tuple[str, list[str], list[_Row]]]:
    """Titles, heads and rows of what there is to show; what differs comes first."""
    comparison = verification.comparison
    metrics = [
        ([one.key, _number(one.before), _number(one.after), show_difference(one)], one.is_same)
        for one in comparison.metrics
    ]
    params = [([one.key, one.before or "", one.after or ""], one.is_same) for one in comparison.params]
    nested = [([one.name, _show_nested(one)], one.is_same) for one in verification.nested]
    sides = ["original", "reproduced"]
    for title, heads, rows in (
        ("Metrics", ["metric", *sides, "difference"], metrics),
        ("Params", ["param", *sides], params),
        ("Nested runs", ["run", "difference"], nested),
    ):
        if rows:
            yield title, heads, sorted(rows, key=lambda row: row[1])


def lines(verification: Verification) -> Iterator[str]:
    """The verdict, what differs with both values, and why that may be: what a terminal or a cell shows."""
    yield summary(verification)
    for title, _, rows in _tables(verification):
        told = [f"  {cells[0]}: {_show_sides(cells[1:])}" for cells, is_same in rows if not is_same]
        yield from [f"{title}:", *told] if told else []
    if verification.reasons:
        yield "Why results may differ:"
    yield from (f"  {reason.text}" for reason in verification.reasons)


def _show_sides(cells: list[str]) -> str:
    if len(cells) == 1:
        return cells[0]
    before, after, *difference = (cell or "nothing" for cell in cells)
    return f"{before} → {after}{f' ({difference[0]})' if difference else ''}"


def _show_nested(nested: NestedComparison) -> str:
    """What differs of a nested run."""
    if nested.before is None or nested.after is None:
        return "only in the original" if nested.after is None else "only in the new run"
    told = [f"{one.key}: {show_difference(one)}" for one in nested.comparison.metrics if not one.is_same]
    told += [f"{one.key}: {one.before} → {one.after}" for one in nested.comparison.params if not one.is_same]
    return "; ".join(told) or "equal"


def _page(run: Run, verification: Verification) -> str:
    name = escape(run.info.run_name)
    tables = "".join(_table_html(*table) for table in _tables(verification))
    reasons = _list_html("Why results may differ", [one.text for one in verification.reasons])
    return (
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>Reproduction of {name}</title><style>{_STYLE}</style></head>"
        f"<body><h1>Reproduction of {name}</h1>"
        f"<p class=verdict data-verdict={verification.verdict.value}>{escape(summary(verification))}</p>"
        f"{tables}{reasons}{_list_html('What was compared', verification.notes)}"
        f"<p>Original run <code>{escape(run.info.run_id)}</code>, started {_moment(run)}</p>"
        f"{_diff_html(run, verification)}</body></html>\n"
    )


def _table_html(title: str, heads: Sequence[str], rows: Sequence[_Row]) -> str:
    head = "".join(f"<th scope=col>{text}</th>" for text in heads)
    body = "".join(
        f"<tr{'' if is_same else ' class=differs'}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row, is_same in rows
    )
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _list_html(title: str, texts: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""


def _moment(run: Run) -> str:
    started = datetime.fromtimestamp((run.info.start_time or 0) / 1000, timezone.utc)
    return f"{started:%Y-%m-%d %H:%M} UTC"


def _diff_html(run: Run, verification: Verification) -> str:
    if not verification.run_id:
        return ""
    told = "All that is different between both runs stands in the new run's view, and is told by"
    return (
        f"<p>New run <code>{escape(verification.run_id)}</code></p>"
        f"<p>{told} <code>{escape(diff_command(run, verification))}</code></p>"
    )


def _comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "params": [
            {"key": one.key, "before": one.before, "after": one.after, "is_same": one.is_same}
            for one in comparison.params
        ],
        "metrics": [_metric_to_json(one) for one in comparison.metrics],
    }


def _nested_to_json(nested: NestedComparison) -> dict[str, Any]:
    told = {"name": nested.name, "before": nested.before, "after": nested.after, "is_same": nested.is_same}
    return told | _comparison_to_json(nested.comparison)


def _metric_to_json(metric: MetricComparison) -> dict[str, Any]:
    return {
        "key": metric.key,
        "before": _for_json(metric.before),
        "after": _for_json(metric.after),
        "relative_difference": _for_json(metric.difference),
        "points_before": metric.curve.points_before,
        "points_after": metric.curve.points_after,
        "greatest_relative_difference": _for_json(metric.curve.difference),
        "at_step": metric.curve.step,
        "tolerance": metric.tolerance,
        "is_same": metric.is_same,
    }


def _for_json(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _quoted(text: str) -> str:
    """A text that is nothing but text in Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()#+!|~" else escape(char) for char in " ".join(text.split()))
