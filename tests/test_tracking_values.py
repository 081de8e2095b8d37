"""What counts as a number, as a step, and as a time."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trackside.errors import InvalidValueError
from trackside.tracking.names import generate_run_name
from trackside.tracking.values import to_metrics, to_number, to_params


class Tensor:
    """What PyTorch, JAX and TensorFlow give for one number."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        if isinstance(self.value, list):
            raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")  # noqa: TRY004 - as PyTorch does
        return self.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        (True, 1.0),
        (2.5, 2.5),
        (Decimal("0.25"), 0.25),
        (Fraction(1, 4), 0.25),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.bool_(True), 1.0),
        (np.array(3.5), 3.5),
        (np.array([3.5]), 3.5),
        (pd.Series([4]), 4.0),
        (Tensor(0.75), 0.75),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
    ],
)
def test_whatever_holds_one_number_is_a_metric(value: Any, expected: float) -> None:
    found = to_number("loss", value, run_name="run")
    assert type(found) is float
    assert found == expected


def test_nan_is_a_number() -> None:
    """R1.5: NaN survives."""
    assert math.isnan(to_number("loss", float("nan"), run_name="run"))
    assert math.isnan(to_number("loss", np.float32("nan"), run_name="run"))


@pytest.mark.parametrize(
    "value",
    [
        "0.5",
        None,
        [1.0],
        {"a": 1},
        np.array([1.0, 2.0]),
        np.str_("1"),
        np.datetime64("2026-01-01"),
        np.timedelta64(3, "s"),
        pd.Timestamp("2026-01-01"),
        1j,
        np.complex128(1),
        Tensor("text"),
        Tensor([1, 2]),
        object(),
        10**400,
    ],
)
def test_what_is_no_number_is_refused_with_key_value_and_run(value: Any) -> None:
    """Bad input: a metric that is not a number."""
    with pytest.raises(InvalidValueError) as caught:
        to_number("loss", value, run_name="brave-otter-417")
    assert "'loss'" in caught.value.message
    assert "'brave-otter-417'" in caught.value.message
    assert repr(value)[:20] in caught.value.message
    assert len(caught.value.message) < 250


def test_a_missing_step_is_0_and_a_missing_time_is_now() -> None:
    """R1.5: MLflow's meaning of a call without step."""
    (metric,) = to_metrics({"loss": 1}, step=None, timestamp=None, run_name="run")
    assert metric.step == 0
    assert abs(metric.timestamp / 1000 - pd.Timestamp.now("UTC").timestamp()) < 60


@pytest.mark.parametrize("step", [5, np.int64(5), 5.0, np.float64(5.0)])
def test_whole_numbers_of_any_kind_are_steps(step: Any) -> None:
    (metric,) = to_metrics({"loss": 1}, step=step, timestamp=5, run_name="run")
    assert (metric.step, metric.timestamp) == (5, 5)
    assert type(metric.step) is int


@pytest.mark.parametrize("step", [1.5, "3", [1]])
def test_a_step_that_is_no_whole_number_is_refused(step: Any) -> None:
    with pytest.raises(InvalidValueError, match="step of a metric of run 'run' must be a whole number"):
        to_metrics({"loss": 1}, step=step, timestamp=None, run_name="run")


def test_params_of_any_type_become_their_text() -> None:
    """R1.4: as in MLflow."""
    found = {param.key: param.value for param in to_params({"a": 1, "b": None, "c": [1, 2], "d": True})}
    assert found == {"a": "1", "b": "None", "c": "[1, 2]", "d": "True"}


def test_generated_names_are_readable_and_differ() -> None:
    """R1.3: a readable name is generated."""
    names = {generate_run_name() for _ in range(50)}
    assert len(names) > 45
    for name in names:
        adjective, animal, number = name.split("-")
        assert adjective.isalpha()
        assert animal.isalpha()
        assert 100 <= int(number) < 1000
