"""What can be typed: commands, their arguments and options, and their help."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from trackside.errors import nearest

Commands = Any  # argparse does not name the type

_INVALID_CHOICE = re.compile(r"argument (?P<what>COMMAND|VERB): invalid choice: '(?P<word>.*)' \(choose from .*")

_EXAMPLES = """\
examples:
  trackside list
  trackside search "metrics.accuracy > 0.9 AND params.model = 'tree'" --order-by "metrics.accuracy DESC"
  trackside show brave-otter-417
  trackside csv -o runs.csv --experiment "wine quality"
  trackside --uri sqlite:///other.db experiments

A RUN is named by its id, the beginning of its id, or its name, where only one run has it.
Where runs live is found as MLflow finds it: --uri, else MLFLOW_TRACKING_URI, else mlflow.db in this folder.

exit codes: 0 done, 1 not found or the store failed, 2 wrong usage, 3 `diff` found differences or
a run was reproduced with another result, 4 its notebook failed or logged no run, 130 interrupted,
141 nobody reads the output any more
"""

_REPRODUCE_CODES = """

exit codes:
  0    the clone is there; with --verify: it gave the same result
  1    no such run, notebook or store, or something could not be installed; nothing half-made is left
  2    wrong usage, a folder that is not empty, or a damaged notebook revision
  3    with --verify: the clone gave another result
  4    with --verify: a cell of the clone failed, or it logged no run
  130  interrupted; nothing half-made is left
"""


class Parser(argparse.ArgumentParser):
    """Says what was probably meant by a word or an option that it does not know."""

    words: Collection[str] = ()
    """The commands or verbs that this parser knows."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As ``argparse`` does, but with the usage of the command where something is left that it does not know."""
        options, left = self.parse_known_args(args, namespace)
        if left:
            command: Parser = options.parser
            command.refuse(left)
        return options

    def refuse(self, left: Sequence[str]) -> NoReturn:
        """End the program because of words that no argument takes."""
        first = next((word for word in left if word.startswith("-")), left[0])
        if first.startswith("-"):
            near = nearest(first.partition("=")[0], [text for one in self._actions for text in one.option_strings])
            self.error(f"there is no option {first}{f'; did you mean {near}?' if near else ''}")
        self.error(f"nothing more is expected at {first!r}; texts with spaces stand in quotes")

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with 2."""
        unknown = _INVALID_CHOICE.fullmatch(message)
        if unknown:
            near = nearest(unknown["word"], self.words)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(self.words)}"
            message = f"there is no {unknown['what'].lower()} {unknown['word']!r}; {hint}"
        super().error(message)


def make_parser() -> Parser:
    """The parser of the whole command line; ``options.do`` names the module and function that do the command."""
    parser = Parser(
        prog="trackside",
        description="Experiment runs, outside the notebook.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"trackside {sys.modules['trackside'].__version__}")
    _add_global(parser, is_default=True)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    parser.words = commands.choices.keys()
    for add in (_add_finding, _add_diff, _add_editing, _add_trash, _add_experiments, _add_sync):
        add(commands)
    for add in (_add_reproduce, _add_environments):
        add(commands)
    return parser


def _add_global(parser: Parser, *, is_default: bool = False) -> None:
    """Options that stand before or after the command; one that stands before it is not undone behind it."""
    unset: Any = None if is_default else argparse.SUPPRESS
    help_ = "the tracking URI, such as sqlite:///mlflow.db"
    parser.add_argument("--uri", "--tracking-uri", dest="uri", metavar="URI", default=unset, help=help_)
    parser.add_argument("--experiment", metavar="NAME|ID", default=unset, help="only this experiment; default: all")
    is_json: Any = False if is_default else argparse.SUPPRESS
    parser.add_argument("--json", action="store_true", default=is_json, help="write JSON, for programs")


def _add(commands: Commands, name: str, do: str, help_: str, example: str, *, codes: str = "") -> Parser:
    parser: Parser = commands.add_parser(
        name,
        help=help_,
        description=f"{help_[0].upper()}{help_[1:]}.",
        epilog="examples:\n" + "\n".join(f"  trackside {line}" for line in example.splitlines()) + codes,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_global(parser)
    parser.set_defaults(do=do, parser=parser)
    return parser


def _add_stages(parser: Parser, things: str = "runs") -> None:
    stages = parser.add_mutually_exclusive_group()
    stages.add_argument("--deleted", action="store_true", help=f"{things} in the trash")
    stages.add_argument("--all", action="store_true", help=f"active and deleted {things}")


def _add_search(parser: Parser, count: int) -> None:
    parser.add_argument(
        "-n", "--max", type=int, default=count, metavar="N", help="at most so many (default: %(default)s)"
    )
    parser.add_argument("--order-by", action="append", default=[], metavar="KEY", help="such as 'metrics.loss ASC'")
    _add_stages(parser)


def _add_finding(commands: Commands) -> None:
    parser = _add(commands, "list", "runs.list_runs", "list the newest runs", 'list\nlist -n 100 --experiment "wine"')
    _add_search(parser, 20)
    example = 'search "metrics.accuracy > 0.9"\nsearch "tags.stage = \'final\'" --order-by "metrics.loss" --json'
    parser = _add(commands, "search", "runs.search", "find runs with a filter", example)
    parser.add_argument("filter", metavar="FILTER", help="such as \"metrics.loss < 0.1 AND params.model = 'tree'\"")
    _add_search(parser, 100)
    parser = _add(
        commands, "show", "runs.show", "show all that is known of a run", "show brave-otter-417\nshow 3f2a --json"
    )
    parser.add_argument("run", metavar="RUN")
    example = 'csv -o runs.csv\ncsv --filter "metrics.loss < 0.1" --safe-for-spreadsheets -o runs.csv\ncsv 3f2a 81bc'
    parser = _add(commands, "csv", "runs.csv", "write runs as CSV", example)
    parser.add_argument("runs", metavar="RUN", nargs="*", help="these runs; default: all")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write; default: the output of the command")
    parser.add_argument("--filter", default="", metavar="FILTER", help="only the runs that pass it")
    help_ = "put an apostrophe before texts that a spreadsheet would take for a formula"
    parser.add_argument("--safe-for-spreadsheets", action="store_true", help=help_)
    _add_search(parser, 100_000)


def _add_diff(commands: Commands) -> None:
    example = "diff brave-otter-417 calm-fox-2\ndiff 3f2a\ndiff 3f2a --notebook train.ipynb --json"
    help_ = "compare two runs, or a run with its notebook now: cells, params, metrics, environment"
    parser = _add(commands, "diff", "diff.diff", help_, example)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("other", metavar="RUN", nargs="?", help="default: the notebook as it is now")
    parser.add_argument("--notebook", metavar="FILE", help="the notebook, where it is not where the run found it")


def _add_editing(commands: Commands) -> None:
    example = 'tag brave-otter-417 stage=final "team=data science"\ntag 3f2a --delete draft'
    parser = _add(commands, "tag", "runs.tag", "set or delete tags of a run", example)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("tags", metavar="KEY=VALUE", nargs="*")
    parser.add_argument("--delete", metavar="KEY", action="append", default=[], help="remove this tag")
    example = 'note 3f2a\nnote 3f2a "the *best* so far"'
    parser = _add(commands, "note", "runs.note", "show or set the note of a run (Markdown)", example)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="the new note; default: show the note")
    parser = _add(commands, "rename", "runs.rename", "give a run another name", "rename 3f2a baseline")
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("name", metavar="NAME")


def _add_trash(commands: Commands) -> None:
    for name, do, help_, option, meaning in (
        ("delete", "trash.delete", "move runs to the trash", "--created-before", "runs created earlier, oldest first"),
        ("restore", "trash.restore", "bring runs back", "--deleted-since", "runs deleted then or later, last first"),
    ):
        example = f"{name} brave-otter-417\n{name} 3f2a 81bc --no-descendants\n{name} --experiment wine {option} 30d"
        parser = _add(commands, name, do, help_, example)
        parser.add_argument("runs", metavar="RUN", nargs="*")
        parser.add_argument(option, dest="time", metavar="TIME", help=f"instead: the --experiment's {meaning}")
        help_ = "with a TIME, at most so many, without descendants (default: %(default)s)"
        parser.add_argument("-n", "--max", type=int, default=10_000, metavar="N", help=help_)
        family = parser.add_mutually_exclusive_group()
        family.add_argument(
            "--descendants",
            action="store_true",
            default=None,
            help="with their descendants (default: ask; unasked, yes)",
        )
        family.add_argument("--no-descendants", action="store_false", dest="descendants", help="without them")
    help_ = "remove for good what was deleted long ago, with its artifacts"
    parser = _add(commands, "purge", "trash.purge", help_, "purge\npurge --older-than 90 --yes")
    parser.add_argument("--older-than", type=float, default=30.0, metavar="DAYS", help="default: %(default)g")
    parser.add_argument("--yes", action="store_true", help="do it; without this, only say what would be removed")


def _add_experiment_search(parser: Parser) -> None:
    parser.add_argument("--filter", metavar="FILTER", help="such as \"name LIKE 'wine%%' AND tags.team = 'red'\"")
    parser.add_argument("--order-by", action="append", default=[], metavar="KEY", help="such as 'name ASC'")
    parser.add_argument("-n", "--max", type=int, metavar="N", help="at most so many (default: all)")
    _add_stages(parser, "experiments")


def _add_experiments(commands: Commands) -> None:
    example = 'experiments\nexperiments --filter "name LIKE \'wine%\'"\nexperiments create "wine quality"'
    parser = _add(commands, "experiments", "experiments.list_experiments", "list and change experiments", example)
    _add_experiment_search(parser)
    verbs = parser.add_subparsers(metavar="VERB")
    parser.words = verbs.choices.keys()
    example = "experiments list --all\nexperiments list --order-by name -n 10"
    child = _add(verbs, "list", "experiments.list_experiments", "list experiments", example)
    _add_experiment_search(child)
    child = _add(verbs, "create", "experiments.create", "make an experiment", 'experiments create "wine quality"')
    child.add_argument("name", metavar="NAME")
    child = _add(verbs, "rename", "experiments.rename", "give an experiment another name", "experiments rename 3 wine")
    child.add_argument("which", metavar="NAME|ID")
    child.add_argument("name", metavar="NEW_NAME")
    for name, do, help_ in (
        ("delete", "experiments.delete", "move an experiment and its runs to the trash"),
        ("restore", "experiments.restore", "bring an experiment and its runs back"),
    ):
        child = _add(verbs, name, do, help_, f"experiments {name} wine")
        child.add_argument("which", metavar="NAME|ID")


def _add_sync(commands: Commands) -> None:
    example = "sync\nsync --uri http://localhost:5000\nsync --refused"
    help_ = "deliver what was logged while a store was away, also by processes that have ended"
    parser = _add(commands, "sync", "sync.sync", help_, example)
    help_ = "try once more what a store refused, because the reason is gone"
    parser.add_argument("--refused", action="store_true", help=help_)


def _add_reproduce(commands: Commands) -> None:
    example = (
        "reproduce brave-otter-417\nreproduce 3f2a --to again --verify --tolerance 1e-4 --tolerance time=0.5\n"
        "reproduce 3f2a --without oldlib --python 3.11"
    )
    help_ = "clone a run's notebook into the environment that it had"
    parser = _add(commands, "reproduce", "reproduce.reproduce", help_, example, codes=_REPRODUCE_CODES)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--to", metavar="DIR", help="a folder that is new or empty; default: NOTEBOOK-RUN here")
    help_ = "clone only the notebook"
    parser.add_argument("--no-environment", action="store_false", dest="with_environment", help=help_)
    help_ = "an environment without the libraries of the run"
    parser.add_argument("--no-libraries", action="store_false", dest="with_libraries", help=help_)
    help_ = "go on without this library"
    parser.add_argument("--without", metavar="NAME", action="append", default=[], help=help_)
    help_ = "install this line, which is a URL, a path or an option; `all` for all of them"
    parser.add_argument("--allow", metavar="LINE", action="append", default=[], help=help_)
    help_ = "the interpreter or version to take; default: the nearest to the run's"
    parser.add_argument("--python", metavar="PYTHON", default="", help=help_)
    help_ = "take the notebook from git where the run kept no revision"
    parser.add_argument("--from-commit", action="store_true", help=help_)
    parser.add_argument("--verify", action="store_true", help="run the clone, and compare params and metrics")
    help_ = "relative difference of metrics that counts as the same (default: 1e-6); may be given several times"
    parser.add_argument("--tolerance", metavar="REL|METRIC=REL", action="append", default=[], help=help_)
    help_ = "let the clone's runs go to an mlflow.db of its own folder, and not beside the original"
    parser.add_argument("--own-store", action="store_true", help=help_)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_environments(commands: Commands) -> None:
    help_ = "list and remove the environments that reproducing made"
    parser = _add(commands, "env", "env.list_all", help_, "env list\nenv remove 3f2a81bc90de\nenv remove --all")
    verbs = parser.add_subparsers(metavar="VERB")
    parser.words = verbs.choices.keys()
    _add(verbs, "list", "env.list_all", "list environments", "env list\nenv list --json")
    child = _add(verbs, "remove", "env.remove", "remove environments with their kernels", "env remove 3f2a81bc90de")
    child.add_argument("names", metavar="KEY", nargs="*")
    child.add_argument("--all", action="store_true", help="all of them")
