"""The state of real git repositories, and repositories that would like to run commands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from trackside.notebook import git
from trackside.notebook.git import read_state
from trackside.notebook.urls import without_credentials


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home").mkdir()
    for key, value in {"user.name": "T", "user.email": "t@example.org", "init.defaultBranch": "main"}.items():
        call(tmp_path, "config", "--global", key, value)
    root = tmp_path / "repository"
    root.mkdir()
    call(root, "init")
    (root / "sub").mkdir()
    (root / "sub" / "work.ipynb").write_text("{}\n")
    (root / "code.py").write_text("x = 1\n")
    call(root, "add", ".")
    call(root, "commit", "-m", "first")
    return root


def call(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_a_clean_repository(repository: Path) -> None:
    """R1.2: commit, branch, place in the repository and the dirty flag."""
    state = read_state(repository / "sub" / "work.ipynb")
    assert state is not None
    assert state.root == repository
    assert state.commit == call(repository, "rev-parse", "HEAD")
    assert (state.branch, state.remote, state.dirty) == ("main", None, False)
    assert state.path_in_repository == "sub/work.ipynb"
    assert (state.patch, state.patch_cut) == ("", False)


@pytest.mark.parametrize("stage", [False, True])
def test_the_patch_of_tracked_files_makes_the_commit_what_ran(repository: Path, tmp_path: Path, stage: bool) -> None:
    (repository / "code.py").write_text("x = 'ö'\n")
    (repository / "image.bin").write_bytes(bytes(range(256)))
    call(repository, "add", "image.bin")
    if stage:
        call(repository, "add", ".")
    state = read_state(repository / "sub" / "work.ipynb")
    assert state is not None
    assert state.dirty
    clone = tmp_path / "clone"
    call(tmp_path, "clone", str(repository), str(clone))
    (tmp_path / "changes.patch").write_bytes(state.patch.encode())
    call(clone, "apply", str(tmp_path / "changes.patch"))
    assert (clone / "code.py").read_text() == "x = 'ö'\n"
    assert (clone / "image.bin").read_bytes() == bytes(range(256))


def test_a_notebook_that_the_commit_does_not_have_makes_it_dirty(repository: Path) -> None:
    """The commit alone would lie: it does not have the code that ran."""
    (repository / "new.ipynb").write_text("{}")
    (repository / ".git" / "info" / "exclude").write_text("ignored.ipynb\n")
    (repository / "ignored.ipynb").write_text("{}")
    for name in ("new.ipynb", "ignored.ipynb", "not-saved-yet.ipynb"):
        state = read_state(repository / name)
        assert state is not None
        assert state.dirty, name
        assert state.patch == ""


def test_other_untracked_files_do_not_make_it_dirty(repository: Path) -> None:
    (repository / "mlflow.db").write_text("")
    for path in (repository / "sub" / "work.ipynb", repository, repository / "sub"):
        state = read_state(path)
        assert state is not None
        assert not state.dirty


def test_a_notebook_whose_name_looks_like_a_pattern_is_taken_literally(repository: Path) -> None:
    state = read_state(repository / "sub" / "*.ipynb")
    assert state is not None
    assert state.dirty


def test_a_repository_without_a_commit(repository: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    call(fresh, "init")
    (fresh / "code.py").write_text("x = 1\n")
    state = read_state(fresh / "work.ipynb")
    assert state is not None
    assert (state.commit, state.branch, state.dirty, state.patch) == (None, "main", True, "")
    call(fresh, "add", "code.py")
    state = read_state(fresh / "work.ipynb")
    assert state is not None
    assert "+x = 1" in state.patch


def test_a_checked_out_commit_has_no_branch(repository: Path) -> None:
    call(repository, "checkout", "--detach")
    state = read_state(repository)
    assert state is not None
    assert state.branch is None
    assert state.commit is not None


def test_a_worktree_is_a_repository(repository: Path, tmp_path: Path) -> None:
    call(repository, "worktree", "add", str(tmp_path / "tree"), "-b", "side")
    state = read_state(tmp_path / "tree" / "sub" / "work.ipynb")
    assert state is not None
    assert (state.root, state.branch, state.dirty) == (tmp_path / "tree", "side", False)


def test_a_link_to_a_directory_in_the_repository(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository / "sub")
    state = read_state(tmp_path / "link" / "work.ipynb")
    assert state is not None
    assert (state.path_in_repository, state.dirty) == ("sub/work.ipynb", False)


def test_places_without_a_repository_have_no_state(repository: Path, tmp_path: Path) -> None:
    call(tmp_path, "clone", "--bare", str(repository), str(tmp_path / "bare"))
    for path in (tmp_path / "work.ipynb", tmp_path / "bare" / "work.ipynb", tmp_path / "missing" / "work.ipynb"):
        assert read_state(path) is None


def test_without_the_git_program_there_is_no_state(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert read_state(repository) is None


def test_a_git_that_does_not_answer_is_not_waited_for(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "TIMEOUT_S", 0.05)
    assert read_state(repository) is None


def test_a_long_patch_is_cut_between_files_and_says_so(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt"):
        (repository / name).write_text("line\n" * 300)
    call(repository, "add", ".")
    monkeypatch.setattr(git, "MAX_PATCH_BYTES", 3000)
    state = read_state(repository)
    assert state is not None
    assert state.patch_cut
    assert state.patch.startswith("Not all changes are here")
    assert "a.txt" in state.patch
    assert "b.txt" not in state.patch
    (tmp_path / "changes.patch").write_text(state.patch)
    call(repository, "reset", "--hard")
    call(repository, "apply", str(tmp_path / "changes.patch"))
    assert (repository / "a.txt").read_text() == "line\n" * 300


def test_variables_of_a_hook_that_runs_do_not_lead_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert read_state(repository) is not None


def test_nothing_is_locked_or_written(repository: Path) -> None:
    (repository / ".git" / "index.lock").touch()
    os.utime(repository / "code.py", (1, 1))
    before = (repository / ".git" / "index").read_bytes()
    state = read_state(repository)
    assert state is not None
    assert not state.dirty
    assert (repository / ".git" / "index").read_bytes() == before


def test_nothing_that_a_repository_configures_is_run(repository: Path, tmp_path: Path) -> None:
    """A repository from anywhere may name commands in its configuration; looking at it must not run them."""
    mark = tmp_path / "ran"
    command = f"touch {mark}; cat"
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
    ):
        call(repository, "config", key, command)
    call(repository, "config", "filter.evil.required", "true")
    call(repository, "config", "core.hooksPath", str(tmp_path / "hooks"))
    (repository / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    for name in ("post-index-change", "fsmonitor-watchman", "query-watchman"):
        hook = tmp_path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    (repository / "code.py").write_text("x = 2\n")
    os.utime(repository / "sub" / "work.ipynb", (1, 1))
    state = read_state(repository / "sub" / "work.ipynb")
    assert state is not None
    assert state.dirty
    assert "+x = 2" in state.patch
    assert not mark.exists()


def test_a_filter_that_cannot_be_switched_off_is_not_run(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    with (repository / ".git" / "config").open("a") as file:
        file.write(f'[filter "a=b"]\n\tclean = touch {mark}; cat\n')
    (repository / ".git" / "info" / "attributes").write_text("* filter=a=b\n")
    os.utime(repository / "code.py", (1, 1))
    assert read_state(repository) is None
    assert not mark.exists()


def test_filters_of_the_user_work(repository: Path) -> None:
    """Git LFS and the like are in the user's own configuration."""
    call(repository, "config", "--global", "filter.mine.clean", "sed s/2/1/")
    (repository / ".git" / "info" / "attributes").write_text("*.py filter=mine\n")
    (repository / "code.py").write_text("x = 2\n")
    state = read_state(repository / "sub" / "work.ipynb")
    assert state is not None
    assert not state.dirty


def test_the_remote_has_no_credentials(repository: Path) -> None:
    call(repository, "remote", "add", "origin", "https://user:secret@example.org/o/r.git")
    state = read_state(repository)
    assert state is not None
    assert state.remote == "https://example.org/o/r.git"


def test_origin_comes_before_other_remotes(repository: Path) -> None:
    call(repository, "remote", "add", "backup", "https://example.org/backup.git")
    state = read_state(repository)
    assert state is not None
    assert state.remote == "https://example.org/backup.git"
    call(repository, "remote", "add", "origin", "git@example.org:o/r.git")
    state = read_state(repository)
    assert state is not None
    assert state.remote == "git@example.org:o/r.git"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://token@example.org/r.git", "https://example.org/r.git"),
        ("https://user:pass@example.org:8443/r.git", "https://example.org:8443/r.git"),
        ("https://user:p@ss@example.org/r", "https://example.org/r"),
        ("ssh://git:pass@example.org/r.git", "ssh://git@example.org/r.git"),
        ("git+ssh://git@example.org/r.git", "git+ssh://git@example.org/r.git"),
        ("git@example.org:o/r.git", "git@example.org:o/r.git"),
        ("https://user:pass@[::1]:80/r", "https://[::1]:80/r"),
        ("https://user:pass@example.org:bad/r", "https://example.org:bad/r"),
        ("https://example.org/a.whl?token=x&v=1#sha256=y", "https://example.org/a.whl?v=1#sha256=y"),
        ("https://example.org/a.whl?v=1&w", "https://example.org/a.whl?v=1&w"),
        ("https://bucket.example.org/a.whl?X-Amz-Signature=x", "https://bucket.example.org/a.whl"),
        ("file:///home/user/r", "file:///home/user/r"),
        ("/home/user/r", "/home/user/r"),
        ("C:\\repos\\r", "C:\\repos\\r"),
        ("", ""),
    ],
)
def test_credentials_are_taken_out_of_urls(url: str, clean: str) -> None:
    assert without_credentials(url) == clean
