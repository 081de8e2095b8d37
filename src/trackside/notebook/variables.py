"""The environment variables that a run records, because results may depend on them; all others stay unread."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

NAMES = (
    *("PYTHONHASHSEED", "TZ", "LANG", "LC_ALL", "LC_NUMERIC"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("MKL_CBWR", "OPENBLAS_CORETYPE", "KMP_AFFINITY", "TOKENIZERS_PARALLELISM", "NUMBA_NUM_THREADS"),
    *("CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG", "NVIDIA_TF32_OVERRIDE", "HIP_VISIBLE_DEVICES"),
    *("TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC", "TF_ENABLE_ONEDNN_OPTS", "JAX_ENABLE_X64", "JAX_PLATFORMS"),
    *("SPARK_LOCAL_CORES", "PYSPARK_PYTHON"),
)
"""Threads, seeds, number formats, devices. None of them holds a secret."""
_LONGEST = 500


def read_variables() -> dict[str, str]:
    """Those that are set, with their values."""
    return {name: value[:_LONGEST] for name in NAMES if (value := os.environ.get(name)) is not None}


def recorded(record: Mapping[str, Any]) -> dict[str, str]:
    """Those that ``environment.json`` has, whatever else somebody wrote into it."""
    told = record.get("variables")
    found = told if isinstance(told, dict) else {}
    return {name: found[name] for name in NAMES if isinstance(found.get(name), str) and "\0" not in found[name]}
