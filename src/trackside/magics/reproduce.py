"""``%track reproduce``."""

from __future__ import annotations

from pathlib import Path

from trackside.errors import InvalidValueError
from trackside.magics import report
from trackside.magics.arguments import Arguments, parse
from trackside.magics.grammar import WORDS
from trackside.reproducing import report as verification_report
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import Options, Reproduction, read_tolerances, reproduce_run
from trackside.tracking import session


def reproduce(parts: list[str]) -> None:
    """Clone a run's notebook into its environment, and say where it is."""
    arguments = parse(parts, WORDS["reproduce"].allowed)
    if arguments.name is None or arguments.values:
        raise InvalidValueError("%track reproduce takes a run, by name, id or the beginning of its id")
    run, store = report.find_run(arguments.name), session.current_store()
    done = reproduce_run(store, run, _options(arguments), Progress(tell=report.say))
    report.say(_outcome(done))


def _options(arguments: Arguments) -> Options:
    told = arguments.options
    tolerance, tolerances = read_tolerances(told.get("--tolerance", []))
    folder = arguments.option("--to")
    return Options(
        folder=Path(folder) if folder else None,
        environment="--no-environment" not in told,
        libraries="--no-libraries" not in told,
        allowed=told.get("--allow", []),
        without=told.get("--without", []),
        python=arguments.option("--python") or "",
        from_commit="--from-commit" in told,
        verify="--verify" in told,
        own_store="--own-store" in told,
        tolerance=tolerance,
        tolerances=tolerances,
    )


def _outcome(done: Reproduction) -> str:
    kernel = f" on the kernel {done.kernel}" if done.kernel else ""
    without = f", without {', '.join(done.left_out)}" if done.left_out else ""
    verdict = verification_report.lines(done.verification) if done.verification else ()
    return "\n".join([f"{done.notebook}{kernel}{without}", *verdict])
