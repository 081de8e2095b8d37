"""The command that delivers what waits on this machine."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from trackside.cli import output
from trackside.errors import StoreError
from trackside.tracking.syncing import SyncReport
from trackside.tracking.syncing import sync as sync_all

if TYPE_CHECKING:
    from trackside.stores.waiting import Waiting


def sync(options: Namespace) -> None:
    """Deliver what was logged while stores were away. Raises StoreError where something is still waiting."""
    reports = [report for report in sync_all(options.uri, refused=options.refused) if _is_worth_telling(report)]
    if options.json:
        output.write_json([_to_json(report) for report in reports])
    elif not reports:
        output.note(f"nothing waits {f'for {options.uri}' if options.uri else 'on this machine'}")
    else:
        for report in reports:
            _say(report)
    waiting = [report.uri for report in reports if report.waiting.count]
    if waiting:
        raise StoreError(f"not everything could be delivered to {', '.join(waiting)}", hint="It is kept; try later.")


def _is_worth_telling(report: SyncReport) -> bool:
    return bool(report.delivered or report.refused or report.waiting.count or report.waiting.refused)


def _say(report: SyncReport) -> None:
    waiting = report.waiting
    output.say(f"{report.uri}: {report.delivered} delivered, {waiting.text or 'nothing'} waiting")
    if waiting.count:
        since = output.show_time(waiting.since)
        output.say(f"  since {since}: {waiting.trouble or 'another process that is running delivers it'}")
    if waiting.refused:
        output.say(f"  {waiting.refused} refused for good, {report.refused} of them now; they are kept in:")
        for path in waiting.refused_in:
            output.say(f"    {path}")


def _to_json(report: SyncReport) -> dict[str, object]:
    waiting: Waiting = report.waiting
    return {
        "uri": report.uri,
        "delivered": report.delivered,
        "refused": report.refused,
        "waiting_records": waiting.records,
        "waiting_files": waiting.files,
        "waiting_since": waiting.since,
        "trouble": waiting.trouble,
        "all_refused": waiting.refused,
        "refused_in": [str(path) for path in waiting.refused_in],
    }
