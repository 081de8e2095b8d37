"""``prediction_snippets``: code that loads a run's models and predicts with them.

Names in runs may be anything, so they are only ever written as Python literals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.tracking import session
from trackside.tracking.models import ModelInput, find_models

if TYPE_CHECKING:
    from trackside.tracking.models import ModelFile, RunModel

_PYFUNC = "python_function"
_MOST_ROWS = 3
_MOST_COLUMNS = 60
_LONGEST = 4000
_PLACEHOLDERS = {"string": "''", "boolean": "False", "binary": "b''", "datetime": "'2026-01-01'", "": "0.0"}
_WHOLE = ("integer", "long", "int", "uint")
_PANDAS = {"integer": "int32", "float": "float32", "datetime": "datetime64[ns]"}
"""pandas' word for a type that a column of plain Python values would not have."""
_SPARK = {
    **{name: name for name in ("double", "float", "long", "integer", "string", "boolean")},
    "float64": "double",
    "float32": "float",
    "int64": "long",
    "int32": "integer",
    "str": "string",
    "bool": "boolean",
}


@dataclass(frozen=True, slots=True)
class PredictionSnippet:
    """How to predict with one model of a run.

    Attributes:
        name: What the model is called.
        uri: By what MLflow finds it, such as ``models:/m-…``.
        flavors: By what it can be loaded, such as ``sklearn``.
        inputs: The columns that it takes, where it has a signature with names.
        pandas: Code that loads it and predicts on a pandas DataFrame; empty where it has no flavor for that.
        spark: The same on a Spark DataFrame.
    """

    name: str
    uri: str
    flavors: tuple[str, ...]
    inputs: tuple[ModelInput, ...]
    pandas: str
    spark: str


def prediction_snippets(run_id: str) -> list[PredictionSnippet]:
    """Code that predicts with each model that a run logged, on a pandas and on a Spark DataFrame.

    The code has the first rows of the input example that was logged with the model; without one, a row that fits the
    model's signature. It needs MLflow, and what the model was made with.

    Raises:
        RunNotFoundError: The store has no such run.
    """
    store = session.current_store()
    return [snippet(model, store.uri) for model in find_models(store, store.get_run(run_id))]


def snippet(model: RunModel, store_uri: str) -> PredictionSnippet:
    """The code for one model of a store."""
    is_loadable = _PYFUNC in model.file.flavors or not model.file.flavors
    return PredictionSnippet(
        name=model.name,
        uri=model.uri,
        flavors=tuple(name for name in model.file.flavors if name != _PYFUNC),
        inputs=model.file.inputs,
        pandas=_pandas(model, store_uri) if is_loadable else "",
        spark=_spark(model, store_uri) if is_loadable else "",
    )


def _pandas(model: RunModel, store_uri: str) -> str:
    return f"""\
import mlflow
import pandas as pd

mlflow.set_tracking_uri({store_uri!r})
loaded_model = mlflow.pyfunc.load_model({model.uri!r})

{_samples(model.file)}
loaded_model.predict(samples)
"""


def _spark(model: RunModel, store_uri: str) -> str:
    result = _SPARK.get(model.file.output, "double")
    return f"""\
import mlflow
import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql.functions import struct

spark = SparkSession.builder.getOrCreate()
mlflow.set_tracking_uri({store_uri!r})
predict = mlflow.pyfunc.spark_udf(spark, {model.uri!r}, result_type={result!r})

{_samples(model.file)}
spark.createDataFrame(samples).withColumn("prediction", predict(struct("*"))).show()
"""


def _samples(file: ModelFile) -> str:
    """A DataFrame that the model takes, as far as its files say what it takes."""
    of_example = _example(file)
    if of_example is not None and len(of_example) <= _LONGEST:
        return f"# The first rows of the model's input example: put your own data in their place.\n{of_example}"
    if 0 < len(file.inputs) <= _MOST_COLUMNS:
        return f"# What fits the model's signature: put your own data in its place.\n{_of_signature(file.inputs)}"
    if 0 < file.width <= _MOST_COLUMNS:
        return (
            f"# As many columns as the model takes: put your own data in their place.\n{_unnamed([[0.0] * file.width])}"
        )
    return "# The columns that the model was trained with.\nsamples = pd.DataFrame()"


def _example(file: ModelFile) -> str | None:
    if file.example is None:
        return None
    names, rows = file.example
    rows = rows[:_MOST_ROWS]
    if names is None:
        return _unnamed(rows)
    if len(names) > _MOST_COLUMNS:
        return None
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return _named({name: _literal(values) for name, values in columns.items()}, file.inputs)


def _of_signature(inputs: Sequence[ModelInput]) -> str:
    return _named({column.name: f"[{_placeholder(column.type)}]" for column in inputs}, inputs)


def _placeholder(type_: str) -> str:
    return "0" if type_.startswith(_WHOLE) else _PLACEHOLDERS.get(type_, "0.0")


def _named(columns: Mapping[str, str], inputs: Sequence[ModelInput]) -> str:
    lines = "".join(f"        {name!r}: {values},\n" for name, values in columns.items())
    types = {column.name: _PANDAS[column.type] for column in inputs if column.type in _PANDAS}
    needed = {name: type_ for name, type_ in types.items() if name in columns}
    return f"samples = pd.DataFrame(\n    {{\n{lines}    }}\n)" + (f".astype({needed!r})" if needed else "")


def _unnamed(rows: Sequence[Sequence[object]]) -> str:
    lines = "".join(f"        {_literal(list(row))},\n" for row in rows)
    return f"samples = pd.DataFrame(\n    [\n{lines}    ]\n)"


def _literal(value: object) -> str:
    """A value that JSON can hold, as Python writes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(item)}' for key, item in value.items())}}}"
    return repr(value)
