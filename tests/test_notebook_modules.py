"""The local modules that a notebook imports."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from trackside.notebook import modules
from trackside.notebook.modules import LocalModules, ModuleReader

from .repositories import commit_all


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
    uncommitted = read(folder)[0]
    commit_all(folder)
    committed = read(folder)[0]
    assert committed.sha256 != uncommitted.sha256
    assert committed.code_sha256 == uncommitted.code_sha256
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
    read_module = modules._read
    monkeypatch.setattr(modules, "_read", lambda module: hashed.append(module.file.name) or read_module(module))
    use("ts_once")
    reader = ModuleReader()
    first = reader.read(folder / "n.ipynb")
    assert reader.read(folder / "n.ipynb") is first
    (folder / "ts_once.py").write_text("x = 22222\n")
    importlib.invalidate_caches()
    importlib.reload(sys.modules["ts_once"])
    second = reader.read(folder / "n.ipynb")
    assert second is not None
    assert second.files["ts_once.py"] == b"x = 22222\n"
    assert hashed == ["ts_once.py", "ts_once.py"]


def test_packages_with_relative_imports_and_modules_of_later_cells_are_kept(
    folder: Path, use: Callable[..., None]
) -> None:
    """R1.11: what a module imports in turn belongs to it; another look finds what was imported since."""
    (folder / "ts_pack").mkdir()
    (folder / "ts_pack" / "__init__.py").write_text("from .inner import x\n")
    (folder / "ts_pack" / "inner.py").write_text("from . import other\nx = other.y\n")
    (folder / "ts_pack" / "other.py").write_text("y = 1\n")
    importlib.import_module("ts_pack")
    reader = ModuleReader()
    first = reader.read(folder / "n.ipynb")
    assert first is not None
    assert set(first.files) == {"ts_pack/__init__.py", "ts_pack/inner.py", "ts_pack/other.py"}
    use("ts_later")
    second = reader.read(folder / "n.ipynb")
    assert second is not None
    assert set(second.files) - set(first.files) == {"ts_later.py"}


def test_a_module_that_was_edited_is_kept_as_it_was_imported_until_it_is_imported_again(
    folder: Path, use: Callable[..., None]
) -> None:
    """R1.11: what ran is what counts, and not what is on the disk by now."""
    use("ts_edited", "x = 1\n")
    reader = ModuleReader()
    assert reader.read(folder / "n.ipynb") is not None
    (folder / "ts_edited.py").write_text("x = 'edited'\n")
    edited = reader.read(folder / "n.ipynb")
    assert edited is not None
    assert edited.files["ts_edited.py"] == b"x = 1\n"
    assert json.loads(edited.manifest)["modules"][0]["edited_since"] is True
    importlib.invalidate_caches()
    importlib.reload(sys.modules["ts_edited"])
    reloaded = reader.read(folder / "n.ipynb")
    assert reloaded is not None
    assert reloaded.files["ts_edited.py"] == b"x = 'edited'\n"
    assert "edited_since" not in reloaded.manifest


def test_modules_from_other_folders_are_kept_by_the_name_of_their_import(
    folder: Path, use: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1.11: a folder that the code put on the path; not what an editable install's commit has already."""
    use("ts_shared.tools", "z = 3\n")
    use("ts_shared_too")
    notebook = folder / "work" / "n.ipynb"
    (folder / "work").mkdir()
    found = ModuleReader().read(notebook)
    assert found is not None
    entries = json.loads(found.manifest)["modules"]
    assert {entry["path"]: entry["folder"] for entry in entries} == dict.fromkeys(
        ("ts_shared/tools.py", "ts_shared_too.py"), str(folder)
    )
    assert found.files["ts_shared/tools.py"] == b"z = 3\n"
    assert ModuleReader().read(notebook, [folder]) is None
    monkeypatch.setattr(modules.os, "access", lambda *_: False)
    foreign = ModuleReader().read(notebook)
    assert foreign is not None
    assert (dict(foreign.files), foreign.left_out) == ({}, 0)
    assert set(contents(json.loads(foreign.manifest)).values()) == {"of others"}
