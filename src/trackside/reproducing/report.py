"""The report of a verification: as a page, as Markdown, as JSON."""

from __future__ import annotations

import json
import math
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.reproducing.comparing import MetricComparison
    from trackside.reproducing.verify import Verification

FOLDER = "reproduction"
PAGE = f"{FOLDER}/report.html"

_VERDICTS = {
    "same": "The run was reproduced: params and metrics are the same.",
    "different": "The run was repeated with another result.",
    "failed": "The notebook failed when it was run again.",
    "no-run": "The notebook was run again and logged no run.",
}
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:60rem;color-scheme:light dark}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;text-align:left;"
    "border-bottom:1px solid #8884;overflow-wrap:anywhere}td.number{text-align:right;font-variant-numeric:tabular-nums}"
    "tr.differs td{font-weight:600}"
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
    comparison = verification.comparison
    return {
        "verdict": verification.verdict.value,
        "reproduces": run.info.run_id,
        "run_id": verification.run_id,
        "error": verification.error,
        "params": [
            {"key": one.key, "before": one.before, "after": one.after, "is_same": one.is_same}
            for one in comparison.params
        ],
        "metrics": [_metric_to_json(one) for one in comparison.metrics],
        "reasons": [{"kind": one.kind.value, "text": one.text} for one in verification.reasons],
    }


def markdown(run: Run, verification: Verification) -> str:
    """The report as Markdown."""
    parts = [f"# Reproduction of {_quoted(run.info.run_name)}", "", _VERDICTS[verification.verdict.value], ""]
    if verification.error:
        parts += [f"Error: {_quoted(verification.error)}", ""]
    rows = _rows(verification)
    if rows:
        heads = ["", "original", "reproduced", "difference"]
        lines = [heads, ["---"] * 4, *([_quoted(cell) if cell else "" for cell in row] for row, _ in rows)]
        parts += [f"| {' | '.join(line)} |" for line in lines]
    if verification.reasons:
        parts += ["", "## Why results may differ", "", *(f"- {_quoted(one.text)}" for one in verification.reasons)]
    if verification.run_id:
        parts += ["", "All that is different between both runs:", "", f"    {diff_command(run, verification)}"]
    return "\n".join(parts) + "\n"


def summary(verification: Verification) -> str:
    """The verdict in one sentence, with the number of what differs."""
    told = _VERDICTS[verification.verdict.value]
    comparison = verification.comparison
    params = sum(not one.is_same for one in comparison.params)
    metrics = sum(not one.is_same for one in comparison.metrics)
    if not (params or metrics):
        return f"{told} {verification.error}".strip()
    counts = f"{params} of {len(comparison.params)} params and {metrics} of {len(comparison.metrics)} metrics differ."
    return f"{told} {counts} {verification.error}".strip()


def show_difference(metric: MetricComparison) -> str:
    """How much a metric differs, in words."""
    if metric.before is None or metric.after is None:
        return "only in the original" if metric.after is None else "only in the new run"
    if metric.is_same:
        return "" if metric.difference == 0 else f"{metric.difference:.1e}, within {metric.tolerance:g}"
    return f"{metric.difference:.3g} relative" if math.isfinite(metric.difference) else "not comparable"


def diff_command(run: Run, verification: Verification) -> str:
    """What shows all differences of both runs, on the command line."""
    return f"trackside diff {run.info.run_id} {verification.run_id}"


def _rows(verification: Verification) -> list[tuple[list[str], bool]]:
    """The lines of the table, and whether each is the same; what differs comes first."""
    comparison = verification.comparison
    params = [
        ([one.key, one.before or "", one.after or "", "" if one.is_same else "differs"], one.is_same)
        for one in comparison.params
    ]
    metrics = [
        ([one.key, _number(one.before), _number(one.after), show_difference(one)], one.is_same)
        for one in comparison.metrics
    ]
    return sorted([*metrics, *params], key=lambda row: row[1])


def _page(run: Run, verification: Verification) -> str:
    name = escape(run.info.run_name)
    rows = "".join(
        f"<tr{'' if is_same else ' class=differs'}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row, is_same in _rows(verification)
    )
    reasons = "".join(f"<li>{escape(one.text)}</li>" for one in verification.reasons)
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Reproduction of {name}</title>"
        f"<style>{_STYLE}</style></head><body><h1>Reproduction of {name}</h1>"
        f"<p>{escape(summary(verification))}</p>"
        f"<table><thead><tr><th></th><th>original</th><th>reproduced</th><th>difference</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        f"{f'<h2>Why results may differ</h2><ul>{reasons}</ul>' if reasons else ''}"
        f"<p>Original run {escape(run.info.run_id)}</p>{_diff_html(run, verification)}</body></html>\n"
    )


def _diff_html(run: Run, verification: Verification) -> str:
    if not verification.run_id:
        return ""
    told = "All that is different between both runs stands in the new run's view, and is told by"
    return f"<p>{told} <code>{escape(diff_command(run, verification))}</code></p>"


def _metric_to_json(metric: MetricComparison) -> dict[str, Any]:
    return {
        "key": metric.key,
        "before": _for_json(metric.before),
        "after": _for_json(metric.after),
        "relative_difference": _for_json(metric.difference),
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
