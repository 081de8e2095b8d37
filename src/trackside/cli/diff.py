"""The command that compares runs."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from trackside.cli import DIFFERENT, DONE, output
from trackside.cli.place import require_run, require_store
from trackside.errors import InvalidValueError
from trackside.tracking import difference_text
from trackside.tracking.difference_json import difference_to_json
from trackside.tracking.differences import compare_two, compare_with_notebook


def diff(options: Namespace) -> int:
    """What is different between two runs, or between a run and its notebook now; whether anything is."""
    if options.other and options.notebook:
        raise InvalidValueError("diff takes another run or --notebook, and not both")
    store = require_store(options)
    run = require_run(store, options, options.run)
    if options.other:
        found = compare_two(store, run, require_run(store, options, options.other))
    else:
        found = compare_with_notebook(store, run, Path(options.notebook) if options.notebook else None)
    if options.json:
        output.write_json(difference_to_json(found))
    else:
        for line in difference_text.describe(found):
            output.say(line)
    return DONE if found.is_same else DIFFERENT
