"""The commit that is checked out, read from a repository's files: always what git itself says."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackside.notebook.git_head import GitHead, HeadReader, read_head

from .repositories import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "topic/one")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_a_branch_has_its_commit(repository: Path) -> None:
    """R1.1"""
    assert read_head(repository) == GitHead(git(repository, "rev-parse", "HEAD"), "topic/one")


def test_a_new_commit_is_seen_at_once(repository: Path) -> None:
    before = read_head(repository)
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    after = read_head(repository)
    assert before != after == GitHead(git(repository, "rev-parse", "HEAD"), "topic/one")


def test_references_that_git_has_packed_are_found(repository: Path) -> None:
    git(repository, "branch", "topic/one-more")
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git" / "refs" / "heads" / "topic" / "one").exists()
    assert read_head(repository) == GitHead(git(repository, "rev-parse", "HEAD"), "topic/one")


def test_a_commit_that_is_on_no_branch_has_no_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert read_head(repository) == GitHead(git(repository, "rev-parse", "HEAD"), None)


def test_a_work_tree_has_a_head_of_its_own(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path / "tree", "commit", "-q", "--allow-empty", "-m", "there")
    assert read_head(tmp_path / "tree") == GitHead(git(tmp_path / "tree", "rev-parse", "HEAD"), "other")
    assert read_head(repository) == GitHead(git(repository, "rev-parse", "HEAD"), "topic/one")


def test_a_submodule_is_a_repository_too(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "inner")
    assert read_head(outer / "inner") == GitHead(git(repository, "rev-parse", "HEAD"), "topic/one")


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert read_head(tmp_path) is None


@pytest.mark.parametrize(
    "head", ["", "ref:", "ref: refs/heads/../../secret", "ref: refs/heads/missing", "nonsense", "ref: HEAD", "\xff\xfe"]
)
def test_a_head_that_makes_no_sense_has_no_commit(repository: Path, head: str) -> None:
    (repository / ".git" / "HEAD").write_bytes(head.encode("latin-1"))
    assert read_head(repository) is None


def test_a_folder_without_a_repository_has_none(tmp_path: Path) -> None:
    assert read_head(tmp_path) is None


def test_a_reader_that_is_kept_reads_again_only_what_has_changed(repository: Path) -> None:
    """It stands in the way of each run that MLflow starts in a new cell."""
    reader = HeadReader()
    steps = [
        ("commit", "-q", "--allow-empty", "-m", "second"),
        ("pack-refs", "--all"),
        ("commit", "-q", "--allow-empty", "-m", "third"),
        ("checkout", "-q", "-b", "other"),
        ("commit", "-q", "--allow-empty", "-m", "fourth"),
        ("checkout", "-q", "--detach"),
    ]
    for step in steps:
        git(repository, *step)
        found = reader.read(repository)
        assert found is not None
        assert found == read_head(repository)
        assert reader.read(repository) is found
    assert reader.read(repository.parent) is None
