"""Which tracking URI holds, and which store it names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trackside.errors import UnknownStoreError
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore
from trackside.stores.uri import open_store, resolve_tracking_uri


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def path_of(uri: str) -> Path:
    store = open_store(uri)
    assert isinstance(store, JournaledStore)
    assert isinstance(store.behind, SqliteStore)
    return store.behind.path


def test_the_default_is_a_database_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_tracking_uri(None) == f"sqlite:///{tmp_path.as_posix()}/mlflow.db"
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert resolve_tracking_uri(None) == f"sqlite:///{tmp_path.as_posix()}/sub/mlflow.db"
    assert list((tmp_path / "sub").iterdir()) == []


def test_what_the_program_sets_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """R2.5: the order in which MLflow looks."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server:5000")
    assert resolve_tracking_uri(None) == "http://server:5000"
    assert resolve_tracking_uri("") == "http://server:5000"
    assert resolve_tracking_uri("sqlite:///mine.db") == "sqlite:///mine.db"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    assert resolve_tracking_uri(None).endswith("/mlflow.db")


@pytest.mark.parametrize(
    ("files", "is_folder"),
    [
        ([], False),
        (["mlruns/0/abc/artifacts/a.txt"], False),
        (["mlruns/models/meta.yaml"], False),
        (["mlruns/meta.yaml"], False),
        (["mlruns/0/meta.yaml"], True),
        (["mlruns/models/x", "mlruns/123/meta.yaml"], True),
        (["mlruns"], False),
    ],
)
def test_a_folder_of_old_experiments_is_the_default_where_there_is_one(
    tmp_path: Path, files: list[str], is_folder: bool
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    expected = (tmp_path / "mlruns").as_uri() if is_folder else f"sqlite:///{tmp_path.as_posix()}/mlflow.db"
    assert resolve_tracking_uri(None) == expected


def test_there_is_one_store_for_each_file(tmp_path: Path) -> None:
    store = open_store("sqlite:///mlflow.db")
    assert open_store(f"sqlite:///{tmp_path}/mlflow.db") is store
    assert open_store("sqlite:///./sub/../mlflow.db") is store
    assert open_store(store.uri) is store
    assert open_store("sqlite:///other.db") is not store
    assert list(tmp_path.iterdir()) == []


def test_a_relative_uri_means_the_working_directory_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = path_of("sqlite:///mlflow.db")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert (first, path_of("sqlite:///mlflow.db")) == (tmp_path / "mlflow.db", tmp_path / "sub" / "mlflow.db")


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("sqlite:///my%20runs.db", "my runs.db"),
        ("sqlite:///my runs.db", "my runs.db"),
        ("sqlite:///ünï.db", "ünï.db"),
        ("sqlite:///a.db?timeout=5", "a.db"),
        ("sqlite+pysqlite:///a.db", "a.db"),
        ("SQLite:///a.db", "a.db"),
    ],
)
def test_forms_of_uris_that_mlflow_takes(tmp_path: Path, uri: str, name: str) -> None:
    assert path_of(uri) == tmp_path / name


def test_a_uri_survives_the_way_to_a_path_and_back(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "wéird %41 ?#&" / "mlflow.db")
    assert path_of(store.uri) == store.path


def test_a_file_whose_name_has_percent_signs_is_found_where_it_is_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "my%20runs.db").touch()
    assert path_of("sqlite:///my%20runs.db") == tmp_path / "my%20runs.db"


@pytest.mark.parametrize(
    "uri", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:mlflow.db", "sqlite:///file:a.db?uri=true"]
)
def test_a_uri_without_a_file_is_refused_with_the_right_form(uri: str) -> None:
    with pytest.raises(UnknownStoreError) as caught:
        open_store(uri)
    assert "sqlite:///" in caught.value.hint


@pytest.mark.parametrize("uri", ["redis://host/0", "carrier-pigeon:coo", "mongodb://a/b"])
def test_an_unknown_scheme_is_named_with_what_is_known(uri: str) -> None:
    """Bad input: an unknown URI scheme."""
    with pytest.raises(UnknownStoreError, match=uri.partition(":")[0]) as caught:
        open_store(uri)
    assert "sqlite:///name.db" in caught.value.hint


@pytest.mark.parametrize("uri", ["./mlruns", "file:///tmp/mlruns", "C:\\mlruns", ""])
def test_a_folder_is_refused_with_a_hint(uri: str) -> None:
    with pytest.raises(UnknownStoreError, match="folder") as caught:
        open_store(uri)
    assert "sqlite:///mlflow.db" in caught.value.hint


def test_stores_are_imported_quickly() -> None:
    """Trackside is loaded in every kernel, so nothing heavy may come along."""
    script = "import trackside.stores.uri, sys; print(*{'psutil', 'requests', 'pandas', 'mlflow'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert found.stdout.strip() == ""


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("runs.db", "Write sqlite:///runs.db."),
        ("/data/runs.sqlite", "Write sqlite:////data/runs.sqlite."),
        ("databricks", "names Databricks"),
        ("databricks://profile", "names Databricks"),
    ],
)
def test_what_is_often_typed_is_told_apart_from_folders(uri: str, told: str) -> None:
    """R2.5: a database without its scheme, and a place of MLflow's that is none of ours."""
    with pytest.raises(UnknownStoreError) as caught:
        open_store(uri)
    assert told in str(caught.value)
