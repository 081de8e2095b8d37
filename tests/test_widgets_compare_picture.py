"""The picture of a comparison, for pages where nothing runs: what it shows, and in which order and colours."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import trackside
from trackside.widgets import directions

from .widget_world import make_run


def drawn_texts(picture: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(picture).iter() if node.tag.endswith("text")]


def test_the_picture_is_coloured_by_what_was_asked_for_and_says_by_which_numbers(workspace: Path) -> None:
    """R10.4: a legend with numbers, and which end is better; without a wish by a metric that is good or bad."""
    values = [{"accuracy": 0.5 + n / 10, "size": 10.0**n, "loss": 1 - n / 10} for n in range(4)]
    ids = [make_run(f"run {n}", {"depth": str(n)}, own) for n, own in enumerate(values)]
    texts = drawn_texts(trackside.compare(ids).to_svg())
    assert texts[0] == "Comparison of 4 runs, coloured by loss"
    assert {"smaller is better", "0.7", "0.8", "0.9"} < set(texts)
    asked = drawn_texts(trackside.compare(ids, metrics=["size", "loss"]).to_svg())
    assert asked[0] == "Comparison of 4 runs, coloured by size"
    assert {"log", "1", "10", "100", "1,000"} < set(asked)


def test_the_picture_of_bars_begins_with_the_best_run_as_its_table_does(workspace: Path) -> None:
    ids = [make_run(f"run {n}", {"depth": str(n)}, {"loss": 1.5 + (n * 7) % 20}) for n in range(20)]
    texts = drawn_texts(trackside.compare(ids).to_svg("bars"))
    assert texts[:3] == ["Comparison of 20 runs: loss, the first 16 of 20, best first", "run 0", "1.5"]
    assert [text for text in texts if text.startswith("run ")][16:18] == ["run 0", "run 3"]
    points = drawn_texts(trackside.compare(ids).to_svg("contour"))
    assert points[0] == "Comparison of 20 runs, coloured by loss"  # there is one param only


def test_a_metric_is_better_in_the_same_direction_here_and_in_the_page() -> None:
    page = (Path(__file__).parents[1] / "js" / "src" / "widget" / "directions.ts").read_text(encoding="utf-8")
    for name in ("SMALLER", "LARGER", "NEUTRAL", "NEGATED"):
        written = re.search(rf"{name} = new Set\((.*?)\);", page, re.DOTALL)
        assert written is not None
        assert set(" ".join(re.findall('"([^"]*)"', written[1])).split()) == getattr(directions, name)
    found = {key: directions.better_direction(key) for key in ("valF1@10", "neg_mean_squared_error", "fit_time", "x")}
    assert list(found.values()) == ["larger", "larger", None, None]


def test_the_picture_rounds_long_decimals_of_params_as_it_does_those_of_metrics(workspace: Path) -> None:
    params = ({"rate": "0.677264670503", "depth": "3.5"}, {"rate": "4.304155731928e-05", "depth": "v1.234567"})
    ids = [make_run(f"run {n}", own, {"loss": 1 / (n + 3)}) for n, own in enumerate(params)]
    picture = ET.fromstring(trackside.compare(ids, charts="table")._repr_mimebundle_()["image/svg+xml"])
    texts = {node.text for node in picture.iter() if node.tag.endswith("text")}
    assert {"0.6773", "4.304e-05", "3.5", "v1.234567", "0.3333"} < texts
