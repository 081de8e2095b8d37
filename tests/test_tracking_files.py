"""Artifacts: files, folders, texts, dictionaries, figures, images, tables."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

import trackside
from trackside.errors import InvalidValueError, UnsafePathError
from trackside.tracking import session

pytestmark = pytest.mark.usefixtures("workspace")


def content(path: str) -> bytes:
    """What the active run has at a path."""
    run = trackside.active_run()
    assert run is not None
    return session.current_store().artifacts(run.info.run_id).read_bytes(path)


def paths(folder: str = "") -> list[str]:
    run = trackside.active_run()
    assert run is not None
    return [found.path for found in session.current_store().artifacts(run.info.run_id).list(folder)]


def matplotlib_figure() -> Figure:
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    return figure


def test_texts_are_kept_in_utf_8() -> None:
    """R1.7"""
    trackside.log_text("naïve 中文 🚀", "notes/a.txt")
    assert content("notes/a.txt").decode() == "naïve 中文 🚀"


def test_dictionaries_are_json_or_yaml_by_their_suffix() -> None:
    """R1.7"""
    value = {"a": [1, 2], "when": pd.Timestamp("2026-01-02"), "n": np.int64(3), "many": np.array([1, 2])}
    trackside.log_dict(value, "a.json")
    trackside.log_dict({"a": [1, 2]}, "a.yml")
    trackside.log_dict([1, 2], "plain")
    assert json.loads(content("a.json")) == {"a": [1, 2], "when": "2026-01-02T00:00:00", "n": 3, "many": [1, 2]}
    assert content("a.yml").decode() == "a:\n- 1\n- 2\n"
    assert json.loads(content("plain")) == [1, 2]


def test_yaml_without_pyyaml_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(InvalidValueError) as caught:
        trackside.log_dict({}, "a.yaml")
    assert "pip install pyyaml" in caught.value.hint


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("jpg", b"\xff\xd8")]
)
def test_figures_of_matplotlib_are_written_as_their_suffix_says(suffix: str, start: bytes) -> None:
    """R1.7"""
    trackside.log_figure(matplotlib_figure(), f"plots/loss.{suffix}", save_kwargs={"dpi": 30})
    assert content(f"plots/loss.{suffix}").startswith(start)


def test_figures_of_plotly_are_pages_or_json() -> None:
    """R1.7"""
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(x=[0, 1], y=[2, 3]))
    trackside.log_figure(figure, "loss.html")
    trackside.log_figure(figure, "loss.json")
    assert b"<script" in content("loss.html")
    assert len(content("loss.html")) < 100_000
    assert json.loads(content("loss.json"))["data"][0]["type"] == "scatter"


@pytest.mark.parametrize(
    ("figure", "path", "message"),
    [
        (matplotlib_figure(), "loss.docx", "could not be written as 'loss.docx'"),
        (matplotlib_figure(), "loss", "does not tell the figure's format"),
        ([1, 2], "loss.png", "needs a figure of Matplotlib or Plotly, not list"),
        (matplotlib_figure().gca(), "loss.png", "not Axes"),
    ],
)
def test_what_is_no_figure_or_no_format_is_refused(figure: Any, path: str, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        trackside.log_figure(figure, path)
    assert trackside.active_run() is None


@pytest.mark.parametrize(
    ("pixels", "mode"),
    [
        (np.zeros((4, 6), dtype=bool), "L"),
        (np.full((4, 6, 1), 200, dtype=np.int64), "L"),
        (np.zeros((4, 6, 3), dtype=np.uint8), "RGB"),
        (np.full((4, 6, 4), 0.5), "RGBA"),
    ],
)
def test_arrays_of_pixels_are_images(pixels: Any, mode: str) -> None:
    """R1.7"""
    trackside.log_image(pixels, "image.png")
    image = Image.open(io.BytesIO(content("image.png")))
    assert (image.size, image.mode) == ((6, 4), mode)


def test_floats_from_0_to_1_span_the_whole_range() -> None:
    trackside.log_image(np.array([[0.0, 0.5, 1.0]]), "image.png")
    assert list(np.asarray(Image.open(io.BytesIO(content("image.png"))))[0]) == [0, 127, 255]


def test_floats_outside_are_stretched_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="stretched"):
        trackside.log_image(np.array([[-1.0, 0.0, 3.0]]), "image.png")
    assert list(np.asarray(Image.open(io.BytesIO(content("image.png"))))[0]) == [0, 63, 255]


def test_pillow_images_are_kept_in_the_format_of_the_suffix() -> None:
    trackside.log_image(Image.new("RGB", (3, 2), "red"), "image.jpg")
    assert Image.open(io.BytesIO(content("image.jpg"))).format == "JPEG"


@pytest.mark.parametrize(
    ("image", "path", "message"),
    [
        (np.zeros((2, 2, 5)), "a.png", r"shape \(2, 2, 5\)"),
        (np.zeros(3), "a.png", r"shape \(3,\)"),
        (np.zeros((0, 2)), "a.png", r"shape \(0, 2\)"),
        (np.array([["a"]]), "a.png", "is no image"),
        (np.full((2, 2), 300), "a.png", "between 0 and 255"),
        ("a.png", "a.png", "not str"),
        (np.zeros((2, 2)), "a.xyz", "no image format '.xyz'"),
    ],
)
def test_what_is_no_image_is_refused(image: Any, path: str, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        trackside.log_image(image, path)


def test_an_image_of_a_series_is_kept_as_mlflow_keeps_it() -> None:
    """R1.7: name with key, step and time, a small copy, and the tag that MLflow's pages look for."""
    trackside.log_image(np.zeros((600, 300)), key="dogs/big", step=3, timestamp=99)
    names = sorted(paths("images"))
    assert [name.startswith("images/dogs~big+step+3+timestamp+99+") for name in names] == [True, True]
    small = next(name for name in names if name.endswith("+compressed.webp"))
    assert max(Image.open(io.BytesIO(content(small))).size) == 256
    run = trackside.last_active_run()
    assert run is not None
    assert trackside.get_run(run.info.run_id).data.tags["mlflow.loggedImages"] == "True"


@pytest.mark.parametrize("arguments", [{}, {"artifact_file": "a.png", "key": "a"}])
def test_an_image_has_either_a_name_or_a_key(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError, match="either artifact_file or key"):
        trackside.log_image(np.zeros((2, 2)), **arguments)


def test_a_table_is_kept_in_split_form_with_mlflows_tag() -> None:
    """R1.7"""
    frame = pd.DataFrame({"x": [1, 2], "y": ["a", None], "t": pd.to_datetime(["2026-01-01", None])})
    trackside.log_table(frame, "tables/t.json")
    assert json.loads(content("tables/t.json")) == {
        "columns": ["x", "y", "t"],
        "data": [[1, "a", "2026-01-01T00:00:00.000"], [2, None, None]],
    }
    run = trackside.last_active_run()
    assert run is not None
    tags = trackside.get_run(run.info.run_id).data.tags
    assert json.loads(tags["mlflow.loggedArtifacts"]) == [{"path": "tables/t.json", "type": "table"}]


def test_rows_of_a_table_logged_again_go_below() -> None:
    trackside.log_table({"x": [1, 2]}, "t.json")
    trackside.log_table({"x": 3, "y": float("nan")}, "t.json")
    assert json.loads(content("t.json")) == {"columns": ["x", "y"], "data": [[1, None], [2, None], [3, None]]}
    run = trackside.last_active_run()
    assert run is not None
    assert len(json.loads(trackside.get_run(run.info.run_id).data.tags["mlflow.loggedArtifacts"])) == 1


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        ({"x": [1], "y": [1, 2]}, "t.json", "same length"),
        ([1, 2], "t.json", "not list"),
        ({"x": [1]}, "t.csv", "does not end in .json"),
    ],
)
def test_what_is_no_table_is_refused(data: Any, path: str, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        trackside.log_table(data, path)


def test_files_and_folders_are_copied(workspace: Path) -> None:
    """R1.7"""
    (workspace / "data" / "sub").mkdir(parents=True)
    (workspace / "data" / "a.bin").write_bytes(b"\x00\xff")
    (workspace / "data" / "sub" / "b.txt").write_text("b")
    trackside.log_artifact("data/a.bin")
    trackside.log_artifact(workspace / "data" / "a.bin", "models/best")
    told: list[tuple[int, int | None]] = []
    trackside.log_artifact("data", "all", progress=lambda *one: told.append(one))
    assert told == [(2, 3), (3, 3)]
    trackside.log_artifacts("data", "inside")
    assert content("a.bin") == content("models/best/a.bin") == content("all/data/a.bin") == b"\x00\xff"
    assert content("all/data/sub/b.txt") == content("inside/sub/b.txt") == b"b"


def test_a_stream_is_kept_from_where_it_is() -> None:
    stream = io.BytesIO(b"0123")
    stream.read(2)
    trackside.log_stream(stream, "rest.bin")
    assert content("rest.bin") == b"23"


def test_what_is_not_there_cannot_be_logged(workspace: Path) -> None:
    with pytest.raises(InvalidValueError, match=r"no file or folder 'gone.txt'") as caught:
        trackside.log_artifact("gone.txt")
    assert str(workspace) in caught.value.hint
    with pytest.raises(InvalidValueError, match=r"no folder 'gone'"):
        trackside.log_artifacts("gone")
    assert trackside.active_run() is None


@pytest.mark.parametrize("path", ["../a.txt", "a/../../b.txt", "/etc/passwd", "a/../../../b", "..\\a.txt"])
def test_a_name_that_leaves_the_run_is_refused_and_nothing_is_written(path: str, workspace: Path) -> None:
    """R1.7"""
    with trackside.start_run(), pytest.raises(UnsafePathError):
        trackside.log_text("a text of its own", path)
    assert not [found for found in workspace.rglob("*") if found.is_file() and b"of its own" in found.read_bytes()]


def test_files_are_logged_to_another_run() -> None:
    with trackside.start_run() as first:
        pass
    with trackside.start_run():
        trackside.log_text("x", "a.txt", run_id=first.info.run_id)
        assert "a.txt" not in paths()
    assert session.current_store().artifacts(first.info.run_id).read_bytes("a.txt") == b"x"


def test_the_place_of_the_artifacts_is_told() -> None:
    with trackside.start_run() as run:
        assert trackside.get_artifact_uri() == run.info.artifact_uri
        assert trackside.get_artifact_uri("a.txt") == f"{run.info.artifact_uri}/a.txt"
