"""What can be typed behind ``%track``: the one table from which its words, their options and their help are made."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

WIDTH = 120
_INDENT = " " * 4
_KEPT = "\N{NO-BREAK SPACE}"
"""A blank at which no line ends."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of ``%track``.

    Attributes:
        means: What it does, in sentences.
        takes: What stands behind it, as it is shown.
        options: Its options, each with what stands behind it; a switch has an empty text.
        examples: Lines that can be typed.
    """

    means: str
    takes: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    @property
    def allowed(self) -> Mapping[str, bool]:
        """Each option, and whether it takes a value."""
        return {name: bool(value) for name, value in self.options.items()}

    def explain(self, magic: str) -> str:
        """The word's part of the help."""
        options = (f"[{name}{_KEPT}{value}]" if value else f"[{name}]" for name, value in self.options.items())
        head = " ".join(part for part in (magic, self.takes, *options) if part)
        parts = [
            textwrap.fill(head, WIDTH, subsequent_indent=_INDENT * 2, break_on_hyphens=False).replace(_KEPT, " "),
            textwrap.fill(self.means, WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False),
        ]
        if self.examples:
            parts.append("\n" + "\n".join(_INDENT * 2 + line for line in self.examples))
        return "\n".join(parts)


_GIVEN = {"--tag": "KEY=VALUE", "--note": "TEXT"}

CELL = Word(
    "This cell is a run: FINISHED when the cell ends, FAILED when it raises, KILLED when it is interrupted; nested "
    "where a run is active. KEY=VALUE are params. Values with spaces stand in quotes, as in a shell; {expression} is "
    "replaced by its value.",
    takes="[NAME] [KEY=VALUE ...]",
    options=_GIVEN,
    examples=(
        '%%track "first try" depth=3 rate={0.1 / 2} --tag stage=draft',
        "model = train(depth=3, rate=0.05)",
        'trackside.log_metric("accuracy", model.score(X, y))',
    ),
)
"""``%%track``."""

WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "status": Word("What is tracked now: experiment, store, active run, notebook; the same as %track alone."),
        "start": Word(
            "Start a run that stays active until it is ended. KEY=VALUE are params.",
            takes="[NAME] [KEY=VALUE ...]",
            options={"--nested": "", **_GIVEN},
            examples=("%track start baseline depth=3 --tag stage=draft",),
        ),
        "end": Word("End the active run.", options={"--status": "FINISHED|FAILED|KILLED"}),
        "log": Word(
            "Log metrics, and with --param params. A metric's value is a number or a variable that holds one.",
            takes="KEY=NUMBER ...",
            options={"--step": "N", "--param": "KEY=VALUE"},
            examples=(
                "%track log loss=0.31 accuracy=best_accuracy --step 4",
                "%track log --param optimizer=adam",
            ),
        ),
        "tag": Word(
            "Set or delete tags of the active run.",
            takes="KEY=VALUE ...",
            options={"--delete": "KEY"},
            examples=('%track tag stage=final "team=data science" --delete draft',),
        ),
        "note": Word("Set the note of the active run (Markdown), or show it.", takes="[TEXT]"),
        "runs": Word("The latest N runs of the experiment (10 where N is left out).", takes="[N]"),
        "search": Word(
            "The latest runs of the experiment that a filter finds.",
            takes="FILTER",
            examples=("%track search metrics.accuracy > 0.9 AND params.depth = '3'",),
        ),
        "show": Word(
            "One run, by name, id or the beginning of its id; else the active run, else the last one.", takes="[RUN]"
        ),
        "compare": Word(
            "Runs side by side in charts and tables, below the cell: those that are named, all of some experiments, "
            "or those that a filter finds; all of the experiment where nothing is said. --experiment, which may be "
            "repeated, says where a filter searches.",
            takes="[RUN ... | EXPERIMENT ... | FILTER]",
            options={"--experiment": "NAME"},
            examples=(
                "%track compare baseline brave-otter-417",
                "%track compare metrics.accuracy > 0.9 --experiment digits",
            ),
        ),
        "diff": Word(
            "What is different between two runs, or between a run and the notebook now: cells, params, metrics, "
            "environment.",
            takes="RUN [RUN]",
        ),
        "experiment": Word(
            "Choose the experiment that runs go to, go back to the notebook's own, or show which it is.",
            takes="[NAME]",
            options={"--notebook": ""},
        ),
        "uri": Word("Choose the store, or show which it is: sqlite:///runs.db, http://host:5000, ...", takes="[URI]"),
        "sidebar": Word("Show the experiment's runs: in JupyterLab's right sidebar, elsewhere in the cell."),
        "reproduce": Word(
            "Clone a run's notebook into the environment that it had, and with --verify run it and compare the result.",
            takes="RUN",
            options={
                "--to": "DIR",
                "--verify": "",
                "--tolerance": "REL|METRIC=REL",
                "--without": "NAME",
                "--allow": "LINE",
                "--python": "PYTHON",
                "--no-libraries": "",
                "--no-environment": "",
                "--from-commit": "",
                "--own-store": "",
            },
            examples=("%track reproduce brave-otter-417 --verify --tolerance loss=0.01",),
        ),
        "help": Word("This text."),
    }
)
"""Each word of ``%track``, in the order of the help."""


def help_text() -> str:
    """The documentation of both magics."""
    words = (word.explain(f"%track {name}") for name, word in WORDS.items())
    return "\n\n".join(["Track runs beside the notebook that makes them.", CELL.explain("%%track"), *words]) + "\n"
