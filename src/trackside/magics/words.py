"""What each word of ``%track`` does. The words are explained in the magic's own documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trackside.errors import InvalidValueError, RunActiveError, RunNotFoundError
from trackside.magics import cell, report
from trackside.magics.arguments import Arguments, parse, split
from trackside.magics.grammar import WORDS, help_text

MAX_RUNS = 1000
MAX_FOUND = 100

Namespace = Mapping[str, Any]


def status(parts: list[str], _namespace: Namespace) -> None:
    """What is tracked now."""
    _require_nothing(_parse("status", parts))
    report.display(report.read_status())


def start(parts: list[str], _namespace: Namespace) -> None:
    """Start a run that stays active."""
    arguments = _parse("start", parts)
    try:
        run = cell.start(arguments, nested="--nested" in arguments.options)
    except RunActiveError as error:
        hint = "end it with %track end, or start the new run inside it with %track start --nested"
        raise RunActiveError(error.message, hint=hint) from None
    report.say(f"run {run.info.run_name} started in experiment {report.experiment_name(run)}")


def end(parts: list[str], _namespace: Namespace) -> None:
    """End the active run."""
    from trackside.tracking import fluent

    arguments = _parse("end", parts)
    status = arguments.option("--status") or arguments.name or "FINISHED"
    run = fluent.active_run()
    if run is None:
        raise RunActiveError("no run is active, so there is none to end", hint="start one with %track start")
    fluent.end_run(status.upper())
    report.say(f"run {run.info.run_name} ended: {status.upper()}")


def log(parts: list[str], namespace: Namespace) -> None:
    """Log metrics, and params with ``--param``."""
    from trackside.tracking import fluent

    arguments = _parse("log", parts)
    _require_no_words(arguments, "KEY=NUMBER")
    metrics = {key: _number(key, text, namespace) for key, text in arguments.values.items()}
    step = arguments.option("--step")
    if not metrics and "--param" not in arguments.options:
        raise InvalidValueError("nothing to log", hint="%track log loss=0.3 --step 1, or %track log --param depth=3")
    if "--param" in arguments.options:
        fluent.log_params(arguments.pairs("--param"))
    if metrics:
        fluent.log_metrics(metrics, step=None if step is None else _whole_number("--step", step))


def tag(parts: list[str], _namespace: Namespace) -> None:
    """Set or delete tags of the active run."""
    from trackside.tracking import fluent

    arguments = _parse("tag", parts)
    _require_no_words(arguments, "KEY=VALUE")
    if not arguments.values and not arguments.options:
        raise InvalidValueError("no tag was given", hint="%track tag stage=draft, or %track tag --delete stage")
    if arguments.values:
        fluent.set_tags(arguments.values)
    for key in arguments.options.get("--delete", []):
        fluent.delete_tag(key)


def note(parts: list[str], _namespace: Namespace) -> None:
    """Set or show the note of the active run."""
    from trackside.tracking import fluent, tag_names

    text = parts[0] if parts else ""
    if text:
        fluent.set_note(text)
        return
    run = fluent.active_run()
    if run is None:
        raise RunActiveError("no run is active, so there is no note to show", hint="%track show RUN shows a run's note")
    report.say(fluent.get_run(run.info.run_id).data.tags.get(tag_names.NOTE, "(no note)"))


def runs(parts: list[str], _namespace: Namespace) -> None:
    """The latest runs of the experiment."""
    arguments = _parse("runs", parts)
    count = _whole_number("%track runs", arguments.name or "10")
    if arguments.values or not 1 <= count <= MAX_RUNS:
        raise InvalidValueError(f"%track runs takes a number from 1 to {MAX_RUNS}", hint="such as %track runs 20")
    report.display(report.read_runs(count))


def search(parts: list[str], _namespace: Namespace) -> None:
    """The latest runs that a filter finds."""
    if not parts[0]:
        raise InvalidValueError("no filter was given", hint="such as %track search metrics.accuracy > 0.9")
    report.display(report.read_runs(MAX_FOUND, parts[0]))


def show(parts: list[str], _namespace: Namespace) -> None:
    """One run."""
    from trackside.tracking import fluent

    arguments = _parse("show", parts)
    if arguments.name is not None:
        run = report.find_run(arguments.name)
    else:
        last = fluent.last_active_run()
        if last is None:
            raise RunNotFoundError("this kernel has made no run yet", hint="name one: %track show NAME")
        run = fluent.get_run(last.info.run_id)
    report.display(report.describe_run(run))


def diff(parts: list[str], _namespace: Namespace) -> None:
    """What is different between two runs, or between a run and the notebook now."""
    from trackside.magics.difference import DifferenceReport
    from trackside.tracking.differences import diff_runs

    arguments = _parse("diff", parts)
    if not 1 <= len(arguments.words) <= 2 or arguments.values:
        raise InvalidValueError("%track diff takes one run or two", hint="names with spaces stand in quotes")
    run_ids = [report.find_run(word).info.run_id for word in arguments.words]
    report.display(DifferenceReport(diff_runs(*run_ids)))


def experiment(parts: list[str], _namespace: Namespace) -> None:
    """Choose or show the experiment."""
    from trackside.tracking import experiments, session

    arguments = _parse("experiment", parts)
    if "--notebook" in arguments.options:
        session.forget_experiment()
        session.set_experiment(experiment_id=experiments.notebook_experiment().experiment_id)
    elif arguments.name is not None:
        session.set_experiment(arguments.name)
    active = session.active_experiment(create=False)
    made = f"(id {active.experiment_id})" if active.experiment_id else "(made by its first run)"
    report.say(f"runs go to experiment {active.name} {made}")


def uri(parts: list[str], _namespace: Namespace) -> None:
    """Choose or show the store."""
    from trackside.tracking import session

    if len(parts) > 1:
        raise InvalidValueError(f"%track uri takes one URI, not {len(parts)}")
    if parts:
        from trackside.stores.uri import open_store, resolve_tracking_uri

        open_store(resolve_tracking_uri(parts[0]))
        session.set_tracking_uri(parts[0])
    report.say(f"runs live in {session.get_tracking_uri()}")


def compare(parts: list[str], _namespace: Namespace) -> None:
    """Compare runs: those that are named, those of experiments, or those that a filter finds; else the experiment's."""
    from trackside.widgets.compare import compare as make_comparison

    text, *options = re.split(r"(?:^|\s+)--experiment(?:=|\s+|$)", parts[0] if parts else "")
    experiments = [_read_experiment(option) for option in options]
    what = _find_named(text) or _find_experiments(text) or text.strip() or None
    report.display(make_comparison(what, experiments=experiments or None))


def _read_experiment(text: str) -> str:
    """The name behind ``--experiment``."""
    words = split(text)
    if len(words) != 1:
        raise InvalidValueError(f"--experiment takes one name, not {text!r}", hint="put names with spaces in quotes")
    return words[0]


def _find_named(text: str) -> list[Any]:
    """The runs that all of the words are names or ids of; none where one of them is not."""
    try:
        return [report.find_run(word) for word in split(text)]
    except (RunNotFoundError, InvalidValueError):
        return []


def _find_experiments(text: str) -> list[Any]:
    """The experiments that all of the words are names of; none where one of them is not."""
    from trackside.tracking import session

    try:
        found = [session.current_store().find_experiment(word) for word in split(text)]
    except InvalidValueError:
        return []
    return [] if None in found else found


def sidebar(parts: list[str], _namespace: Namespace) -> None:
    """Show the sidebar, or its widget in the cell where there is no sidebar."""
    from trackside.widgets import host
    from trackside.widgets.sidebar import sidebar as make_sidebar

    _require_nothing(_parse("sidebar", parts))
    if not (host.is_connected() and host.reveal()):
        report.display(make_sidebar())


def reproduce(parts: list[str], _namespace: Namespace) -> None:
    """Clone a run's notebook into the environment that it had."""
    from trackside.magics.reproduce import reproduce as clone

    clone(parts)


def help(parts: list[str], _namespace: Namespace) -> None:  # noqa: A001 - the word that people type
    """The documentation of the magic."""
    _require_nothing(_parse("help", parts))
    report.say(help_text())


def _parse(word: str, parts: list[str]) -> Arguments:
    return parse(parts, WORDS[word].allowed)


def _require_nothing(arguments: Arguments) -> None:
    if arguments.words or arguments.values:
        raise InvalidValueError("this word takes nothing behind it")


def _require_no_words(arguments: Arguments, expected: str) -> None:
    if arguments.words:
        raise InvalidValueError(f"expected {expected}, not {arguments.words[0]!r}")


def _number(key: str, text: str, namespace: Namespace) -> Any:
    """A number as it is written, or what the variable of this name holds."""
    try:
        return float(text)
    except ValueError:
        if text in namespace:
            return namespace[text]
    raise InvalidValueError(
        f"metric {key!r} must be a number or a variable that holds one, not {text!r}",
        hint=f"a text is logged as a param: --param {key}={text}",
    )


def _whole_number(what: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidValueError(f"{what} takes a whole number, not {text!r}") from None
