"""The commands that find, show and edit runs."""

from __future__ import annotations

import io
import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence

from trackside.cli import output
from trackside.cli.place import experiments_meant, require_run, require_store, stages_meant
from trackside.entities import LifecycleStage, Run, Tag
from trackside.errors import InvalidValueError, plain
from trackside.search import parse_filter, parse_order
from trackside.stores.base import RunQuery, Store
from trackside.tracking import tag_names
from trackside.tracking.mistyped import find_meant
from trackside.tracking.names import given_name
from trackside.transfer.rows import read_runs

_MOST_CELL = 40


def list_runs(options: Namespace) -> None:
    """The newest runs."""
    _write_found(options, "")


def search(options: Namespace) -> None:
    """The runs that a filter finds."""
    _write_found(options, options.filter)


def show(options: Namespace) -> None:
    """One run."""
    store = require_store(options)
    run = require_run(store, options, options.run)
    if options.json:
        output.write_json(output.run_to_json(run))
        return
    for name, value in _facts(store, run):
        output.say(f"{name:<12}{_one_line(value)}".rstrip())
    for title, texts in _logged(run):
        if texts:
            output.say(f"\n{title}")
            width = max(map(len, texts))
            for key in sorted(texts):
                output.say(f"  {_one_line(key):<{width}}  {_one_line(texts[key])}")


def csv(options: Namespace) -> None:
    """Runs as CSV."""
    from trackside.transfer.csv import write_csv

    if options.runs and (options.filter or options.order_by):
        raise InvalidValueError("csv takes runs or a search, and not both", hint="leave out --filter and --order-by")
    store = require_store(options)
    runs: Iterable[Run]
    if options.runs:
        runs = [require_run(store, options, text) for text in options.runs]
    else:
        runs = read_runs(store, _query(options, store, options.filter), page_size=1000)
    if options.output is None and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    count = write_csv(runs, options.output or sys.stdout, safe_for_spreadsheets=options.safe_for_spreadsheets)
    if options.output:
        output.note(f"{count} {'run' if count == 1 else 'runs'} written to {options.output}")


def tag(options: Namespace) -> None:
    """Set and delete tags."""
    pairs = [text.partition("=") for text in options.tags]
    if bad := next((key for key, equals, _ in pairs if not equals or not key), None):
        raise InvalidValueError(f"a tag is written KEY=VALUE, not {bad!r}", hint=f"to remove it: --delete {bad}")
    if not pairs and not options.delete:
        raise InvalidValueError("no tag was given", hint="trackside tag RUN stage=final, or --delete stage")
    store = require_store(options)
    run_id = require_run(store, options, options.run).info.run_id
    if pairs:
        store.log_batch(run_id, tags=[Tag(key, value) for key, _, value in pairs])
    for key in options.delete:
        store.delete_tag(run_id, key)
    _confirm(options, store, run_id, "tagged")


def note(options: Namespace) -> None:
    """Show or set the note."""
    store = require_store(options)
    run = require_run(store, options, options.run)
    if options.text is not None:
        store.log_batch(run.info.run_id, tags=[Tag(tag_names.NOTE, options.text)])
        _confirm(options, store, run.info.run_id, "noted")
        return
    text = run.data.tags.get(tag_names.NOTE, "")
    if options.json:
        output.write_json({"run_id": run.info.run_id, "note": text})
    else:
        output.say(text)


def rename(options: Namespace) -> None:
    """Give a run another name."""
    name, store = given_name(options.name), require_store(options)
    run_id = require_run(store, options, options.run).info.run_id
    store.update_run(run_id, run_name=name)
    _confirm(options, store, run_id, "renamed")


def _query(options: Namespace, store: Store, text: str) -> RunQuery:
    if options.max < 1:
        raise InvalidValueError(f"--max must be at least 1, not {options.max}")
    stages, order = stages_meant(options), parse_order(options.order_by) if options.order_by else ()
    filter_ = parse_filter(text) if text else None  # reading one takes a third of the start
    ids = tuple(found.experiment_id for found in experiments_meant(store, options, _where_to_look(stages)))
    return RunQuery(ids, stages, options.max, filter=filter_, order_by=order)


def _where_to_look(stages: tuple[LifecycleStage, ...]) -> tuple[LifecycleStage, ...]:
    """Deleted runs lie in active experiments too."""
    return tuple(dict.fromkeys((LifecycleStage.ACTIVE, *stages)))


def _write_found(options: Namespace, text: str) -> None:
    store = require_store(options)
    query = _query(options, store, text)
    runs = list(read_runs(store, query))
    if options.json:
        output.write_json([output.run_to_json(run) for run in runs])
    elif runs:
        _write_runs(store, runs)
    else:
        meant = find_meant(store, query)
        output.note(f"no runs found in {store.uri}{f'; {meant}' if meant else ''}")


def _write_runs(store: Store, runs: Sequence[Run]) -> None:
    names = {found.experiment_id: found.name for found in store.list_experiments(stages=tuple(LifecycleStage))}
    several = len({run.info.experiment_id for run in runs}) > 1
    metrics = _keys([run.data.metrics for run in runs])
    params = _keys([run.data.params for run in runs])
    rows = [
        [
            run.info.run_id[:8],
            _cut(run.info.run_name),
            run.info.status.value if run.info.lifecycle_stage is LifecycleStage.ACTIVE else "deleted",
            output.show_time(run.info.start_time),
            output.show_duration(run),
            *([_cut(names.get(run.info.experiment_id, ""))] if several else []),
            *(output.show_number(run.data.metrics.get(key)) for key in metrics),
            *(_cut(run.data.params.get(key, "")) for key in params),
        ]
        for run in runs
    ]
    place = ["experiment"] if several else []
    output.write_table(["id", "name", "status", "started", "duration", *place, *metrics, *params], rows)


def _keys(rows: Sequence[Mapping[str, object]]) -> list[str]:
    return sorted({key for row in rows for key in row})


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CELL else f"{text[: _MOST_CELL - 1]}…"


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _facts(store: Store, run: Run) -> list[tuple[str, str]]:
    info, tags = run.info, run.data.tags
    facts = [
        ("run", info.run_name),
        ("id", info.run_id),
        ("experiment", f"{store.get_experiment(info.experiment_id).name} (id {info.experiment_id})"),
        ("status", f"{info.status}{' (deleted)' if info.lifecycle_stage is LifecycleStage.DELETED else ''}"),
        ("started", output.show_time(info.start_time)),
        ("duration", output.show_duration(run)),
        ("user", tags.get(tag_names.USER) or info.user_id),
        ("source", tags.get(tag_names.SOURCE_NAME, "")),
        ("commit", tags.get(tag_names.GIT_COMMIT, "")),
        ("parent", tags.get(tag_names.PARENT_RUN_ID, "")),
        ("artifacts", info.artifact_uri),
        ("note", tags.get(tag_names.NOTE, "")),
    ]
    return [(name, value) for name, value in facts if value]


def _logged(run: Run) -> list[tuple[str, Mapping[str, str]]]:
    numbers = {key: output.show_number(value) for key, value in run.data.metrics.items()}
    tags = {key: value for key, value in run.data.tags.items() if not tag_names.is_system(key)}
    return [("params", run.data.params), ("metrics", numbers), ("tags", tags)]


def _confirm(options: Namespace, store: Store, run_id: str, done: str) -> None:
    run = store.get_run(run_id)
    if options.json:
        output.write_json(output.run_to_json(run))
    else:
        output.say(f"{done} {_one_line(run.info.run_name)} ({run_id})")
