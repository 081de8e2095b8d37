"""Code without root's right to write everywhere, so that what nobody may write is refused to root too."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_OVERRIDE = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which modes of files do not hold."""


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def as_anybody(function: Callable[[], Any]) -> Any:
    """What a function returns or raises where modes of files hold for it; a thread loses the right for good."""
    if not hasattr(os, "geteuid"):
        pytest.skip("folders that nobody may write need POSIX")
    if os.geteuid() != 0:
        return function()
    if not sys.platform.startswith("linux"):
        pytest.skip("root may write everywhere")
    told: dict[str, Any] = {}

    def work() -> None:
        try:
            _drop()
            told["result"] = function()
        except BaseException as error:  # noqa: BLE001 - it is raised where the thread was begun
            told["error"] = error

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if "error" in told:
        raise told["error"]
    return told["result"]


def _drop() -> None:
    libc, header, data = ctypes.CDLL(None, use_errno=True), _Header(_LINUX_CAPABILITY_VERSION_3, 0), (_Data * 2)()
    if libc.capget(ctypes.byref(header), data) == 0:
        data[0].effective &= ~_OVERRIDE
        data[0].permitted &= ~_OVERRIDE
        if libc.capset(ctypes.byref(header), data) == 0:
            return
    raise OSError(ctypes.get_errno(), "the thread keeps root's rights")
