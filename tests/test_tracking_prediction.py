"""Code that predicts with the models of runs: what is in it, and that it predicts."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.errors import RunNotFoundError
from trackside.stores.uri import open_store

if TYPE_CHECKING:
    from trackside.tracking.prediction import PredictionSnippet

    from .servers import MlflowServer

HOSTILE = 'x\'];import os;os._exit(1)#\n"""\\\u202e<b>'
SIGNATURE = """
flavors: {python_function: {}, sklearn: {}}
signature:
  inputs: %s
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
"""


def logged(files: dict[str, bytes], **tags: str) -> list[PredictionSnippet]:
    """The snippets of a new run with these files and tags."""
    with trackside.start_run(tags=tags) as run:
        artifacts = open_store(trackside.get_tracking_uri()).artifacts(run.info.run_id)
        for path, content in files.items():
            artifacts.write_bytes(path, content)
    return trackside.prediction_snippets(run.info.run_id)


def literals(code: str) -> set[Any]:
    """All constants in a piece of code, which must be whole."""
    return {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}


def samples(code: str) -> Any:
    """The table on which a snippet predicts."""
    import pandas as pd

    statement = next(one for one in ast.parse(code).body if ast.unparse(one).startswith("samples"))
    names: dict[str, Any] = {"pd": pd}
    exec(ast.unparse(statement), names)
    return names["samples"]


def test_names_are_literals_whatever_they_are(workspace: Path) -> None:
    """R4.4: a column or a folder whose name is code stays a name."""
    inputs = json.dumps([{"name": HOSTILE, "type": "string"}, {"name": "n", "type": "integer"}])
    model = SIGNATURE % json.dumps(inputs)
    history = json.dumps([{"artifact_path": 'it\'s \n"deep"/model'}])
    [snippet] = logged({'it\'s \n"deep"/model/MLmodel': model.encode()}, **{"mlflow.log-model.history": history})
    assert [column.name for column in snippet.inputs] == [HOSTILE, "n"]
    for code in (snippet.pandas, snippet.spark):
        assert {HOSTILE, snippet.uri, trackside.get_tracking_uri()} <= literals(code)
        assert samples(code).dtypes["n"] == "int32"
        assert list(samples(code).columns) == [HOSTILE, "n"]
    assert "result_type='long'" in snippet.spark


def test_an_example_is_shown_by_its_first_rows(workspace: Path) -> None:
    """R4.4: with NaN, and without names where the model has none."""
    info = "saved_input_example_info: {type: %s, artifact_path: example.json}\nflavors: {python_function: {}}"
    [named, unnamed] = logged(
        {
            "a/MLmodel": (info % "dataframe").encode(),
            "a/example.json": b'{"columns": ["x", "y"], "data": [[1, NaN], [2, 3.5], [3, 0], [4, 0]]}',
            "b/MLmodel": (info % "ndarray").encode(),
            "b/example.json": b'{"inputs": [[1.5, 2], [3, 4]]}',
            "plots/a.png": b"",
        }
    )
    assert named.name == "a"
    assert samples(named.pandas).isna().to_numpy().tolist() == [[False, True], [False, False], [False, False]]
    assert samples(unnamed.pandas).to_numpy().tolist() == [[1.5, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe: [",
        b"flavors: 3\nsignature: [1]\n",
        b"signature: {inputs: '{\"a\": 1}', outputs: '{'}\nsaved_input_example_info: {artifact_path: [x]}",
        b"saved_input_example_info: {type: dataframe, artifact_path: ../../../mlflow.db}",
        b"a: &a [1]\nb: &b [*a,*a]\nflavors: {*b : 1}",
        b"!!python/object/apply:os._exit [1]",
        b"x: " + b"[" * 5000,
        b"x" * 2_000_000,
    ],
)
def test_a_file_that_says_nothing_leaves_code_without_columns(workspace: Path, content: bytes) -> None:
    """R4.4: files of models may have been written by anyone."""
    [snippet] = logged({"model/MLmodel": content})
    assert "load_model('runs:/" in snippet.pandas
    assert "samples = pd.DataFrame()" in snippet.pandas
    assert snippet.inputs == ()


def test_a_model_without_a_function_has_no_code_and_a_run_without_models_none(workspace: Path) -> None:
    [snippet] = logged({"model/MLmodel": b"flavors: {spark: {}}"})
    assert (snippet.flavors, snippet.pandas, snippet.spark) == (("spark",), "", "")
    assert logged({"notes.txt": b"", "folder/MLmodel.txt": b""}, **{"mlflow.log-model.history": "{"}) == []
    with pytest.raises(RunNotFoundError):
        trackside.prediction_snippets("none")


LOG = """
import sys, warnings
warnings.simplefilter("ignore")
import mlflow, pandas as pd
from sklearn.linear_model import LinearRegression
mlflow.set_tracking_uri(sys.argv[1])
table = pd.DataFrame({"a b": [1.0, 2.0, 3.0], "it's": [2, 4, 6]})
model = LinearRegression().fit(table, [3.0, 6.0, 9.0])
signature = mlflow.models.infer_signature(table, model.predict(table))
with mlflow.start_run() as run:
    mlflow.sklearn.log_model(model, name="by example", input_example=table[1:], pip_requirements=["scikit-learn"])
    mlflow.sklearn.log_model(model, name="by signature", signature=signature, pip_requirements=["scikit-learn"])
import ast, trackside
trackside.set_tracking_uri(sys.argv[1])
for snippet in trackside.prediction_snippets(run.info.run_id):
    *body, last = ast.parse(snippet.pandas).body
    names = {}
    exec(compile(ast.Module(body, []), "snippet", "exec"), names)
    print(snippet.name, snippet.flavors, *eval(ast.unparse(last), names).round(6).tolist(), sep="|")
"""


def predictions(uri: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", LOG, uri]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("by ")]


PREDICTED = ["by example|('sklearn',)|6.0|9.0", "by signature|('sklearn',)|0.0"]


def test_the_code_predicts_with_models_that_mlflow_logged_to_a_file(workspace: Path) -> None:
    """R4.4: the newest MLflow, which keeps models apart from artifacts."""
    assert predictions("sqlite:///mlflow.db", workspace) == PREDICTED


@pytest.mark.server
def test_the_code_predicts_with_models_that_a_server_keeps(mlflow_server: MlflowServer, workspace: Path) -> None:
    """R4.4: the files come from the server as well."""
    assert predictions(mlflow_server.url, workspace) == PREDICTED
