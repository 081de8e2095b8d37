"""The machine that a kernel runs on."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

_GPU_TIMEOUT_S = 2.0
_GPU_QUERY = ("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")


@lru_cache(maxsize=1)
def describe() -> dict[str, Any]:
    """Platform, processor, memory in bytes, and GPUs, which may take 2 s to ask for. Asked for once in a process."""
    return {
        "platform": _platform(),
        "cpu": {"model": _cpu_model(), "count": os.cpu_count()},
        "memory_bytes": _memory_bytes(),
        "gpus": _gpus(),
    }


def _platform() -> dict[str, str]:
    described = {"system": platform.system(), "release": platform.release(), "machine": platform.machine()}
    distribution = _linux_distribution() if sys.platform == "linux" else platform.mac_ver()[0]
    return {**described, "distribution": distribution}


def _linux_distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _cpu_model() -> str:
    if sys.platform == "linux":
        match = re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", _text_of("/proc/cpuinfo"), re.MULTILINE)
        return match[1].strip() if match else platform.machine()
    if sys.platform == "darwin":
        return _answer_of("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string").strip()
    return os.environ.get("PROCESSOR_IDENTIFIER", "") or platform.machine()


def _memory_bytes() -> int | None:
    import psutil  # type: ignore[import-untyped, unused-ignore]

    try:
        return int(psutil.virtual_memory().total)
    except (psutil.Error, OSError, RuntimeError):
        return None


def _gpus() -> list[dict[str, Any]]:
    """NVIDIA's GPUs; an empty list where their driver's program is missing or gives no answer in time."""
    program = shutil.which("nvidia-smi")
    if program is None or not Path(program).is_absolute():
        return []
    rows = [line.split(",") for line in _answer_of(program, *_GPU_QUERY).splitlines()]
    return [
        {"name": row[0].strip(), "memory_bytes": _mebibytes(row[1]), "driver": row[2].strip()}
        for row in rows
        if len(row) == 3
    ]


def _mebibytes(text: str) -> int | None:
    return int(text) * 1024**2 if text.strip().isdigit() else None


def _answer_of(*command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - an absolute program, no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_GPU_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
