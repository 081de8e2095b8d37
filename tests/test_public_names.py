"""The names of ``import trackside``."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import trackside

SOURCE = Path(trackside.__file__)
HEAVY = (
    "IPython",
    "anywidget",
    "ipywidgets",
    "numpy",
    "pandas",
    "psutil",
    "nbformat",
    "requests",
    "sqlite3",
    "asyncio",
)
NAMES_OF_MLFLOW = """
start_run end_run active_run last_active_run get_run get_parent_run log_metric log_metrics log_param log_params set_tag
set_tags delete_tag log_text log_dict log_figure log_image log_table log_artifact log_artifacts log_stream
get_artifact_uri set_experiment create_experiment get_experiment get_experiment_by_name search_experiments
delete_experiment restore_experiment set_experiment_tag set_experiment_tags delete_experiment_tag search_runs delete_run
restore_run set_tracking_uri get_tracking_uri
"""
OF_THE_PACKAGE = {"__version__", "load_ipython_extension", "unload_ipython_extension"}


def imported_for_type_checkers() -> dict[str, str]:
    """Each name of the ``if TYPE_CHECKING`` block and the module it comes from."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module).removeprefix("trackside.") for node in imports for alias in node.names}


def test_every_public_name_is_there_and_lives_where_it_says() -> None:
    assert sorted(trackside.__all__) == trackside.__all__
    for name in trackside.__all__:
        value = getattr(trackside, name)
        if callable(value) and name not in OF_THE_PACKAGE:
            assert value.__module__ == f"trackside.{trackside._HOME_OF[name]}", name


def test_type_checkers_see_the_same_names() -> None:
    assert imported_for_type_checkers() == trackside._HOME_OF
    assert set(trackside._HOME_OF) | OF_THE_PACKAGE == set(trackside.__all__)


def test_every_public_name_is_documented() -> None:
    for name in trackside.__all__:
        value = getattr(trackside, name)
        if inspect.isfunction(value) or inspect.isclass(value):
            assert (value.__doc__ or "").strip(), name


def test_dir_lists_the_names_before_they_are_used() -> None:
    assert set(trackside.__all__) <= set(dir(trackside))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'trackside' has no attribute 'log_metrik'"):
        _ = trackside.log_metrik  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        importlib.import_module("trackside.log_metrik")


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, trackside; print([name for name in {HEAVY} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE.parents[1])}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.interop
@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_names_and_first_arguments_are_those_of_mlflow() -> None:
    """R3.1: code moves over by changing the import."""
    import mlflow

    for name in NAMES_OF_MLFLOW.split():
        ours = inspect.signature(getattr(trackside, name)).parameters
        theirs = inspect.signature(getattr(mlflow, name)).parameters
        missing = set(theirs) - set(ours) - {"trace_location"}
        assert not missing, f"{name}: {missing}"
        first = list(theirs)[:2]
        assert list(ours)[: len(first)] == first, name
