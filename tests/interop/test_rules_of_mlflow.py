"""Trackside judges keys, lengths and tracking URIs as the real MLflow does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trackside.errors import InvalidValueError
from trackside.stores import validation
from trackside.stores.uri import resolve_tracking_uri

from .mlflow_scripts import ask_mlflow

pytest.importorskip("mlflow")
pytestmark = pytest.mark.interop


KEYS = [
    *(
        "a",
        "",
        "a/b",
        "/a",
        "a/",
        "a//b",
        "a/./b",
        "../a",
        "a/..",
        "..",
        ".",
        "...",
        "..a",
        "a:b",
        "a b",
        " ",
        "ü",
        "٣",
    ),
    *("a%", "a\nb", "a\tb", "🚀", "x" * 250, "x" * 251, "-", "_", "a+b", "a=b", "a@b", "a,b", "(a)", "a\\b", "a\x00"),
]
FOLDERS: dict[str, list[str]] = {
    "empty": [],
    "with space & ünï": [],
    "old experiments": ["mlruns/0/meta.yaml"],
    "only artifacts": ["mlruns/0/abc/artifacts/a.txt"],
    "other names": ["mlruns/models/meta.yaml", "mlruns/meta.yaml"],
}
SCRIPT = """
    import os
    from mlflow.utils import validation as v
    from mlflow.utils.validation import _validate_param_name, _validate_length_limit
    def is_fine(key):
        try:
            _validate_param_name(key)
            _validate_length_limit("key", 250, key)
        except mlflow.MlflowException:
            return False
        return True
    limits = [v.MAX_ENTITY_KEY_LENGTH, v.MAX_PARAM_VAL_LENGTH, v.MAX_TAG_VAL_LENGTH,
              v.MAX_EXPERIMENT_NAME_LENGTH, v.MAX_EXPERIMENT_TAG_VAL_LENGTH]
    uris = []
    for folder in argv[1:]:
        os.chdir(folder)
        uris.append(mlflow.get_tracking_uri())
    print(json.dumps({"keys": [is_fine(key) for key in json.loads(argv[0])], "limits": limits, "uris": uris}))
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders from which a notebook may start."""
    home = tmp_path_factory.mktemp("folders")
    for folder, names in FOLDERS.items():
        for name in names:
            (home / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (home / folder / name).touch()
        (home / folder).mkdir(exist_ok=True)
    return [home / folder for folder in FOLDERS]


@pytest.fixture(scope="module")
def theirs(folders: list[Path]) -> dict[str, Any]:
    """What MLflow makes of all this."""
    found: dict[str, Any] = ask_mlflow(SCRIPT, folders[0], json.dumps(KEYS), *folders)
    return found


def test_the_default_uri_is_the_one_that_mlflow_finds(
    theirs: dict[str, Any], folders: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    found = []
    for folder in folders:
        monkeypatch.chdir(folder)
        found.append(resolve_tracking_uri(None))
    assert found == theirs["uris"]


def test_keys_are_judged_as_mlflow_judges_them(theirs: dict[str, Any]) -> None:
    assert {key: is_accepted(key) for key in KEYS} == dict(zip(KEYS, theirs["keys"], strict=True))


def is_accepted(key: str) -> bool:
    try:
        validation.check_key("param", key)
    except InvalidValueError:
        return False
    return True


def test_limits_are_those_of_mlflow(theirs: dict[str, Any]) -> None:
    assert theirs["limits"] == [
        validation.MAX_KEY_LENGTH,
        validation.MAX_PARAM_LENGTH,
        validation.MAX_TAG_LENGTH,
        validation.MAX_EXPERIMENT_NAME_LENGTH,
        validation.MAX_EXPERIMENT_TAG_LENGTH,
    ]
