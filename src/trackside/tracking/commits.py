"""What the commit of a run changed, out of the repository on this machine."""

from __future__ import annotations

from pathlib import Path

from trackside.errors import NotFoundError
from trackside.notebook import git
from trackside.notebook import session as notebook_session
from trackside.tracking import session, tag_names


def commit_changes(run_id: str) -> str:
    """What the git commit of a run changed, as ``git show`` has it.

    The repository is the one around the notebook that is open, else the one around this folder.

    Raises:
        NotFoundError: There is no such run, or the repository does not have its commit.
    """
    run = session.current_store().get_run(run_id)
    commit = run.data.tags.get(tag_names.GIT_COMMIT, "")
    notebook = notebook_session.current()
    place = notebook.path if notebook is not None and notebook.path is not None else Path.cwd()
    text = git.read_commit(place, commit)
    if text is None:
        raise NotFoundError(
            f"the repository around {place} does not have the commit {commit[:12]!r}",
            hint="Fetch it with git, or open the notebook of the run.",
        )
    return text
