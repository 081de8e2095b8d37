"""The IPython side of the magics: documentation, and words handed to the functions that do the work."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from trackside.errors import FilterError, InvalidValueError, StoreError, TracksideError
from trackside.magics import cell as cells
from trackside.magics.arguments import split

Namespace = dict[str, Any]

_WORDS = (
    *(
        "status",
        "start",
        "end",
        "log",
        "tag",
        "note",
        "runs",
        "search",
        "show",
        "compare",
        "diff",
        "experiment",
        "uri",
        "sidebar",
        "reproduce",
        "help",
    ),
)


@magics_class
class TrackMagics(Magics):
    """Runs of experiments, tracked from a cell."""

    shell: Any

    @line_cell_magic
    def track(self, line: str, cell: str | None = None) -> None:
        """Track runs beside the notebook that makes them.

        %%track [NAME] [KEY=VALUE ...] [--tag KEY=VALUE] [--note TEXT]
            This cell is a run: FINISHED when the cell ends, FAILED when it raises, KILLED when it is interrupted;
            nested where a run is active. KEY=VALUE are params. Values with spaces stand in quotes, as in a shell;
            {expression} is replaced by its value.

                %%track "first try" depth=3 rate={0.1 / 2} --tag stage=draft
                model = train(depth=3, rate=0.05)
                trackside.log_metric("accuracy", model.score(X, y))

        %track
            What is tracked now: experiment, store, active run, notebook.

        %track start [NAME] [KEY=VALUE ...] [--nested] [--tag KEY=VALUE] [--note TEXT]
            Start a run that stays active until it is ended. KEY=VALUE are params.

                %track start baseline depth=3 --tag stage=draft

        %track end [--status FINISHED|FAILED|KILLED]
            End the active run.

        %track log KEY=NUMBER ... [--step N] [--param KEY=VALUE]
            Log metrics, and with --param params. A metric's value is a number or a variable that holds one.

                %track log loss=0.31 accuracy=best_accuracy --step 4
                %track log --param optimizer=adam

        %track tag KEY=VALUE ... [--delete KEY]
            Set or delete tags of the active run.

                %track tag stage=final "team=data science" --delete draft

        %track note [TEXT]
            Set the note of the active run (Markdown), or show it.

        %track runs [N]
            The latest N runs of the experiment (10 where N is left out).

        %track search FILTER
            The latest runs of the experiment that a filter finds.

                %track search metrics.accuracy > 0.9 AND params.depth = '3'

        %track show [RUN]
            One run, by name, id or the beginning of its id; else the active run, else the last one.

        %track diff RUN [RUN]
            What is different between two runs, or between a run and the notebook now: cells, params, metrics,
            environment.

        %track compare [RUN ... | EXPERIMENT ... | FILTER] [--experiment NAME]
            Runs side by side in charts and tables, below the cell: those that are named, all of some experiments, or
            those that a filter finds; all of the experiment where nothing is said. --experiment, which may be
            repeated, says where a filter searches.

                %track compare baseline brave-otter-417
                %track compare metrics.accuracy > 0.9 --experiment digits

        %track experiment [NAME] [--notebook]
            Choose the experiment that runs go to, go back to the notebook's own, or show which it is.

        %track uri [URI]
            Choose the store, or show which it is: sqlite:///runs.db, http://host:5000, ...

        %track sidebar
            Show the experiment's runs: in JupyterLab's right sidebar, elsewhere in the cell.

        %track reproduce RUN [--to DIR] [--verify] [--tolerance REL|METRIC=REL] [--without NAME] [--allow LINE]
                [--python PYTHON] [--no-libraries] [--no-environment] [--from-commit]
            Clone a run's notebook into the environment that it had, and with --verify run it and compare the result.

                %track reproduce brave-otter-417 --verify --tolerance loss=0.01

        %track help
            This text.
        """
        if cell is None:
            self._do(line)
        else:
            self._run_cell(line, cell)

    def _do(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        try:
            parts = [rest.strip()] if word in ("note", "search", "compare") else split(rest)
            if word == cells.BEGIN:
                cells.begin(parts)
            else:
                _find(word or "status")(parts, self.shell.user_ns)
        except StoreError as error:
            _warn(_one_line(error))
        except FilterError as error:  # shows the place, in lines of its own
            raise UsageError(str(error)) from None
        except TracksideError as error:
            raise UsageError(_one_line(error)) from None

    def _run_cell(self, line: str, cell: str) -> None:
        """A cell that reached IPython in another way than being typed, so that the transformer did not see it."""
        self.shell.run_cell(f"{cells.MAGIC} {line}\n{cell}")


def _find(word: str) -> Callable[[list[str], Namespace], object]:
    if word in _WORDS:
        from trackside.magics import words

        found: Callable[[list[str], Namespace], object] = getattr(words, word)
        return found
    near = difflib.get_close_matches(word, _WORDS, n=1)
    hint = f"did you mean %track {near[0]}?" if near else f"known words: {', '.join(_WORDS)}"
    raise InvalidValueError(f"%track knows no word {word!r}", hint=hint)


def _warn(text: str) -> None:
    from trackside.tracking.notices import say

    say(text)


def _one_line(error: TracksideError) -> str:
    text = f"{error.message} ({error.hint})" if error.hint else error.message
    return " ".join(text.split())
