"""What a commit changed, out of a real repository; and the pages that the panel offers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside.notebook.git import read_commit
from trackside.stores.uri import open_store
from trackside.widgets import run_requests
from trackside.widgets.bridge import Buffers, answer
from trackside.widgets.details import DetailReader

from .repositories import git

if TYPE_CHECKING:
    from pathlib import Path

DIGITS = "https://github.com/ada/digits"


@pytest.fixture
def commit(workspace: Path) -> str:
    """A commit of a repository in the working directory."""
    git(workspace, "init", "-q")
    (workspace / "train.py").write_text("depth = 3\n")
    git(workspace, "add", "train.py")
    git(workspace, "commit", "-qm", "Grow <b>deeper</b>")
    return git(workspace, "rev-parse", "HEAD")


def make_run(**tags: str) -> str:
    store = open_store("sqlite:///mlflow.db")
    named = {f"mlflow.source.git.{key}": value for key, value in tags.items()}
    return store.create_run("0", run_name="a", user_id="ada", start_time=1, tags=named).info.run_id


def ask(run_id: str) -> dict[str, Any]:
    request = {"id": "page:1", "kind": "commit.read", "data": {"run_id": run_id}}
    return answer(request, run_requests.HANDLERS).content


def test_a_commit_is_shown_with_its_message_and_its_changes(workspace: Path, commit: str) -> None:
    """R5.2: the commit's diff from the local repository."""
    text = ask(make_run(commit=commit))["reply"]["text"]
    assert text.startswith(f"commit {commit}")
    assert "Grow <b>deeper</b>" in text
    assert "+depth = 3" in text
    assert read_commit(workspace / "train.py", commit[:10]) == text
    assert trackside.commit_changes(make_run(commit=commit)) == text


@pytest.mark.parametrize("wrong", ["", "HEAD", "--output=x", "0" * 40, "main; rm", "x" * 1_000_000])
def test_what_is_no_commit_here_is_refused(workspace: Path, commit: str, wrong: str) -> None:
    """R5.2: tags may say anything; nothing of it reaches git but a hash."""
    assert read_commit(workspace, wrong) is None
    assert ask(make_run(commit=wrong[:5000]))["fault"]["code"] == "NotFound"
    assert not (workspace / "x").exists()


def test_outside_a_repository_there_is_no_commit(workspace: Path) -> None:
    assert read_commit(workspace, "4f2a91c0d37b5be6a1f0c9d8e7b6a5f4c3d2e1b0") is None


@pytest.mark.parametrize(
    ("remote", "page", "project"),
    [
        ("git@github.com:ada/digits.git", f"{DIGITS}/commit/4f2a91c0", f"{DIGITS}/tree/HEAD"),
        ("javascript:alert(1)//github.com/a/b", "", ""),
    ],
)
def test_the_details_have_the_pages_of_a_known_host(workspace: Path, remote: str, page: str, project: str) -> None:
    """R5.2"""
    store = open_store("sqlite:///mlflow.db")
    run = store.get_run(make_run(commit="4f2a91c0", repoURL=remote))
    (detail,) = DetailReader().read(store, [run], Buffers())
    assert (detail["source"]["commit_page"], detail["source"]["project_page"]) == (page, project)
