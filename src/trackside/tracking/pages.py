"""Where a tracking server shows a run in its own web pages."""

from __future__ import annotations

from urllib.parse import quote

from trackside.tracking import session


def run_url(run_id: str) -> str | None:
    """The address of a run's page on its tracking server; None where the store has no pages, such as a file.

    Raises:
        RunNotFoundError: There is no such run.
    """
    store = session.current_store()
    run = store.get_run(run_id)
    if not store.is_server:
        return None
    place = f"experiments/{quote(run.info.experiment_id, safe='')}/runs/{quote(run.info.run_id, safe='')}"
    return f"{store.uri}/#/{place}"
