"""Which runs a query finds and how they are nested, each in one row.

A thread that reads row after row takes turns with the user's code at each of them; one large row costs one turn.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trackside.search.in_sqlite import find_and_count
from trackside.search.to_sql import scope_sql
from trackside.stores.base import Outline
from trackside.stores.outline import PARENT_TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from trackside.search._sql import Sql
    from trackside.search.in_sqlite import Search
    from trackside.stores.layout import Layout

FEW = 1000
"""Up to how many runs are looked for at first; who wants more gets all."""
ALL = 2**62


def fetch_outline(db: sqlite3.Connection, layout: Layout, search: Search, wanted: int) -> Outline:
    """The outline of a search; whole where runs are nested, because a parent may stand anywhere."""
    scope = scope_sql(search.experiment_numbers, search.stages)
    links = _fetch_links(db, layout, scope)
    limit = ALL if links or wanted > FEW else FEW
    ids, total = find_and_count(db, layout, search, limit=limit)
    return Outline(ids, total, _within(db, scope, ids, links))


def _fetch_links(db: sqlite3.Connection, layout: Layout, scope: Sql) -> dict[str, str]:
    """From children to parents, be they there or not."""
    if not layout.has("tags"):
        return {}
    sql = (
        "SELECT json_group_array(json_array(t.run_uuid, t.value)) FROM tags AS t "  # noqa: S608
        # From the few links to their runs, never from the many runs to their links.
        f"CROSS JOIN runs AS r ON r.run_uuid = t.run_uuid WHERE t.key = ? AND {scope.text}"
    )
    ((text,),) = db.execute(sql, (PARENT_TAG, *scope.values))
    return dict(json.loads(text))


def _within(db: sqlite3.Connection, scope: Sql, ids: Iterable[str], links: dict[str, str]) -> dict[str, str]:
    """The links whose parent is in the scope too."""
    if not links:
        return {}
    known = {*ids, *links}
    unknown = {parent for parent in links.values() if parent not in known}
    if unknown:
        sql = (
            "SELECT json_group_array(r.run_uuid) FROM runs AS r "  # noqa: S608
            f"WHERE r.run_uuid IN (SELECT value FROM json_each(?)) AND {scope.text}"
        )
        ((text,),) = db.execute(sql, (json.dumps(list(unknown)), *scope.values))
        known.update(json.loads(text))
    return {child: parent for child, parent in links.items() if parent in known}
