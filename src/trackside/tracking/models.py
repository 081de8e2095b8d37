"""The models that a run logged with MLflow, and what their files say of them.

MLflow 2 kept a model among the run's artifacts, in a folder with a file ``MLmodel``; MLflow 3 keeps it in a place of
its own. What the files say may have been written by anyone, so nothing in it is taken for granted.
"""

from __future__ import annotations

import importlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside.errors import TracksideError
from trackside.tracking import tag_names

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Artifacts, Store

_FILE = "MLmodel"
_MOST_BYTES = 1_000_000
_MOST_FOLDERS = 20
_MOST_MODELS = 100


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A column that a model takes. ``type`` is MLflow's word, such as ``double``, or empty where it is not known."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a model's file ``MLmodel`` says.

    Attributes:
        flavors: By what the model can be loaded, such as ``sklearn``.
        inputs: The columns that it takes, where it has a signature with names.
        width: How many columns it takes, where it has a signature without names; else 0.
        output: MLflow's word for the type of what it predicts, where that is one column; or empty.
        example: The input example that was logged with it: columns, or None for columns without names, and rows.
    """

    flavors: tuple[str, ...] = ()
    inputs: tuple[ModelInput, ...] = ()
    width: int = 0
    output: str = ""
    example: tuple[tuple[str, ...] | None, tuple[tuple[object, ...], ...]] | None = None


@dataclass(frozen=True, slots=True)
class RunModel:
    """A model of a run. ``uri`` is by what MLflow finds it."""

    name: str
    uri: str
    file: ModelFile = field(default_factory=ModelFile)


def find_models(store: Store, run: Run) -> list[RunModel]:
    """The models of a run, those among its artifacts first."""
    run_id = run.info.run_id
    among = (_among_artifacts(store.artifacts(run_id), run_id, path) for path in _paths(store, run))
    apart = (
        RunModel(model.name or model.model_id, f"models:/{model.model_id}", _read(model.artifacts))
        for model in store.logged_models(run_id)
    )
    return list(itertools.islice(itertools.chain(among, apart), _MOST_MODELS))


def _among_artifacts(artifacts: Artifacts, run_id: str, path: str) -> RunModel:
    file = _read(lambda: artifacts, f"{path}/" if path else "")
    return RunModel(path or run_id, f"runs:/{run_id}/{path}", file)


def _paths(store: Store, run: Run) -> list[str]:
    """The folders among a run's artifacts that hold models: those that MLflow noted, and those that lie on top."""
    noted = list(_noted(run.data.tags.get(tag_names.MODEL_HISTORY, "")))
    artifacts = store.artifacts(run.info.run_id)
    top = artifacts.list()
    folders = [file.path for file in top if file.is_dir and file.path not in noted][:_MOST_FOLDERS]
    unnoted = [path for path in folders if _holds_model(artifacts, path)]
    here = [""] if any(file.path == _FILE for file in top) else []
    return list(dict.fromkeys([*here, *noted, *unnoted]))


def _holds_model(artifacts: Artifacts, folder: str) -> bool:
    return any(file.path == f"{folder}/{_FILE}" for file in artifacts.list(folder))


def _noted(history: str) -> Iterator[str]:
    """The paths in the tag in which MLflow 2 notes what it logged."""
    for entry in _list(_json(history)):
        path = _mapping(entry).get("artifact_path")
        if isinstance(path, str):
            yield path.strip("/")


# What the files say


def _read(open_artifacts: Any, folder: str = "") -> ModelFile:
    """What a model's files say; nothing where they cannot be read."""
    try:
        artifacts: Artifacts = open_artifacts()
        found = _yaml(artifacts.read_bytes(f"{folder}{_FILE}", max_bytes=_MOST_BYTES))
        return _model_file(found, _example(artifacts, folder, found))
    except TracksideError:
        return ModelFile()


def _model_file(found: Mapping[str, Any], example: Any) -> ModelFile:
    signature = _mapping(found.get("signature"))
    inputs = [_mapping(column) for column in _list(_json(signature.get("inputs")))]
    outputs = [_mapping(column) for column in _list(_json(signature.get("outputs")))]
    named = [ModelInput(_text(column.get("name")), _type(column)) for column in inputs if "name" in column]
    return ModelFile(
        flavors=tuple(name for name in _mapping(found.get("flavors")) if isinstance(name, str)),
        inputs=tuple(named) if len(named) == len(inputs) else (),
        width=_width(inputs[0]) if len(inputs) == 1 and not named else len(inputs) - len(named),
        output=_type(outputs[0]) if len(outputs) == 1 else "",
        example=example,
    )


def _type(column: Mapping[str, Any]) -> str:
    tensor = _mapping(column.get("tensor-spec"))
    return _text(tensor.get("dtype") or column.get("type"))


def _width(column: Mapping[str, Any]) -> int:
    """How many columns a tensor has that is a table; 1 for what is no tensor."""
    if "tensor-spec" not in column:
        return 1
    shape = _list(_mapping(column["tensor-spec"]).get("shape"))
    return shape[1] if len(shape) == 2 and isinstance(shape[1], int) and shape[1] > 0 else 0


def _example(artifacts: Artifacts, folder: str, found: Mapping[str, Any]) -> Any:
    info = _mapping(found.get("saved_input_example_info"))
    path = info.get("artifact_path")
    if not isinstance(path, str) or info.get("type") not in ("dataframe", "ndarray"):
        return None
    try:
        content = _json(artifacts.read_bytes(f"{folder}{path}", max_bytes=_MOST_BYTES).decode("utf-8", "replace"))
    except TracksideError:
        return None
    table = _mapping(content)
    names = table.get("columns")
    rows = _list(table.get("data") or table.get("inputs"))
    if not rows or not all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows):
        return None
    is_named = isinstance(names, list) and len(names) == len(rows[0]) and all(isinstance(name, str) for name in names)
    return (tuple(names) if is_named and names else None), tuple(tuple(row) for row in rows)


def _yaml(content: bytes) -> Mapping[str, Any]:
    """What a YAML file says; nothing without PyYAML, which comes with MLflow."""
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        return {}
    try:
        return _mapping(yaml.safe_load(content))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
