"""The local modules that a notebook imports."""

from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from trackside.notebook import modules
from trackside.notebook.modules import LocalModules, ModuleReader


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that modules are imported from; what was imported is forgotten."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def use(folder: Path) -> Callable[..., None]:
    def write_and_import(name: str, text: str = "x = 1\n") -> None:
        path = folder / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        importlib.invalidate_caches()
        importlib.import_module(name)

    return write_and_import


def read(folder: Path) -> tuple[LocalModules, dict[str, Any]]:
    found = ModuleReader().read(folder / "n.ipynb")
    assert found is not None
    return found, json.loads(found.manifest)


def contents(manifest: dict[str, Any]) -> dict[str, str]:
    return {entry["path"]: entry["content"] for entry in manifest["modules"]}


def git(folder: Path, *arguments: str) -> None:
    options = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *options, *arguments], cwd=folder, check=True, capture_output=True)


def test_modules_beside_the_notebook_are_kept_with_hash_and_content(folder: Path, use: Callable[..., None]) -> None:
    """R1.11: those of packages too, and nothing that was installed."""
    assert ModuleReader().read(folder / "n.ipynb") is None
    use("ts_features", "y = 2\n")
    use("ts_lib.models")
    use("site-packages.ts_installed".replace("-", "_"))
    found, manifest = read(folder)
    assert found.files["ts_features.py"] == b"y = 2\n"
    assert contents(manifest)["ts_lib/models.py"] == "kept"
    assert manifest["modules"][-1]["sha256"] == hashlib.sha256(b"x = 1\n").hexdigest()
    assert (manifest["root"], manifest["commit"], manifest["cut"]) == ("folder", None, False)
    assert found.sha256 == read(folder)[0].sha256


def test_what_the_commit_has_is_named_and_what_it_has_not_is_kept(folder: Path, use: Callable[..., None]) -> None:
    """R1.11: content is kept of files that are dirty or not in git."""
    for name in ("ts_clean", "ts_dirty"):
        use(name)
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    use("ts_untracked")
    (folder / "ts_dirty.py").write_text("x = 'changed'\n")
    found, manifest = read(folder / "notebooks")
    assert contents(manifest) == {"ts_clean.py": "in the commit", "ts_dirty.py": "kept", "ts_untracked.py": "kept"}
    assert found.files["ts_dirty.py"] == b"x = 'changed'\n"
    assert manifest["root"] == "repository"
    assert len(manifest["commit"]) == 40


def test_what_is_too_large_is_left_out_and_said(
    folder: Path, use: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad input: generated modules of megabytes, hundreds of modules, a module whose file is gone."""
    monkeypatch.setattr(modules, "MAX_FILE_BYTES", 20)
    monkeypatch.setattr(modules, "MAX_BYTES", 20)
    monkeypatch.setattr(modules, "MAX_MODULES", 4)
    for name, size in (("a", 12), ("b", 30), ("c", 12), ("d", 6), ("e", 6)):
        use(f"ts_{name}", "#" * size)
    (folder / "ts_d.py").unlink()
    found, manifest = read(folder)
    assert contents(manifest) == {
        "ts_a.py": "kept",
        "ts_b.py": "too large",
        "ts_c.py": "too large",
        "ts_d.py": "unreadable",
    }
    assert manifest["cut"]
    assert list(found.files) == ["ts_a.py"]


def test_looking_runs_none_of_the_modules_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.11: modules that load what they have when they are asked for it."""

    class Lazy(ModuleType):
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked for")

    monkeypatch.setitem(sys.modules, "ts_lazy", Lazy("ts_lazy"))
    monkeypatch.setitem(sys.modules, "ts_odd", object())  # type: ignore[arg-type]
    assert ModuleReader().read(folder / "n.ipynb") is None


class _SaysItIsAModule:
    """As libraries of C are that cffi loads: no ``__dict__``, and a class that is not theirs."""

    __slots__ = ()
    __class__ = ModuleType  # type: ignore[assignment]


def test_what_only_says_that_it_is_a_module_is_passed_over(folder: Path, use: Callable[..., None]) -> None:
    sys.modules["no_module"] = _SaysItIsAModule()  # type: ignore[assignment]
    use("beside")
    _, manifest = read(folder)
    assert contents(manifest) == {"beside.py": "kept"}


def test_a_file_is_read_and_git_asked_again_only_after_a_change(
    folder: Path, use: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    hash_of = modules._hash_of
    monkeypatch.setattr(modules, "_hash_of", lambda file: hashed.append(file.name) or hash_of(file))
    use("ts_once")
    reader = ModuleReader()
    first = reader.read(folder / "n.ipynb")
    assert reader.read(folder / "n.ipynb") is first
    (folder / "ts_once.py").write_text("x = 22222\n")
    second = reader.read(folder / "n.ipynb")
    assert second is not None
    assert second.files["ts_once.py"] == b"x = 22222\n"
    assert hashed == ["ts_once.py", "ts_once.py"]
