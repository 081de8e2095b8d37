"""What an installation puts into the environment, besides the package itself."""

from __future__ import annotations

import json
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import trackside

PACKAGE = Path(trackside.__file__).parent
PREFIX = Path(sys.prefix)
STARTUP_FILE = Path(__file__).parents[1] / "src" / "trackside" / "startup" / "50-trackside.py"
LABEXTENSION = PREFIX / "share" / "jupyter" / "labextensions" / "trackside"


def test_jupyterlab_finds_the_extension_that_belongs_to_the_package() -> None:
    installed = json.loads((LABEXTENSION / "package.json").read_text(encoding="utf-8"))
    assert installed["name"] == "trackside"
    assert installed["version"] == trackside.__version__ == version("trackside")
    entry = LABEXTENSION / installed["jupyterlab"]["_build"]["load"]
    assert entry.is_file()


def test_kernels_find_the_startup_file() -> None:
    installed = PREFIX / "etc" / "ipython" / "startup" / "50-trackside.py"
    assert installed.read_bytes() == STARTUP_FILE.read_bytes()


def test_the_widget_is_built_and_brings_its_licences() -> None:
    for name in ("widget.js", "LICENSES.txt", "parts/run.js.gz"):
        assert (PACKAGE / "widgets" / "static" / name).stat().st_size > 0


def test_the_packed_widget_is_not_longer_as_json_in_which_it_travels() -> None:
    """What is sent before the first paint."""
    text = (PACKAGE / "widgets" / "static" / "widget.js").read_text()
    if "DecompressionStream" not in text[:2000] + text[-2000:]:
        pytest.skip("it is built for development")
    assert len(json.dumps(text)) < len(text) + 100


def test_the_package_is_typed_and_needs_no_mlflow() -> None:
    """R3.2: Trackside does not need MLflow to be installed."""
    assert (PACKAGE / "py.typed").is_file()
    needed = [line for line in distribution("trackside").requires or () if "extra ==" not in line]
    assert not [line for line in needed if line.lower().startswith(("mlflow", "pandas", "scikit", "jupyterlab>"))]
