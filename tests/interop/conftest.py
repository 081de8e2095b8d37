"""Fixtures of tests that run MLflow in kernels."""

from __future__ import annotations

import pytest

from .mlflow_kernels import Mlflow, newest_mlflow, old_mlflow


@pytest.fixture(scope="module", params=[newest_mlflow, old_mlflow], ids=["newest", "two years old"])
def version(request: pytest.FixtureRequest) -> Mlflow:
    """The newest MLflow, and one that is two years older."""
    found: Mlflow = request.param()
    return found
