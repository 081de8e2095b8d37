"""The command line: ``trackside``, or ``python -m trackside``. ``trackside --help`` explains it."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module

from trackside.errors import InvalidValueError, TracksideError, plain_lines

DONE, FAILED, MISUSED, DIFFERENT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a word of the user's that makes no sense exits with 2."""
    from trackside.cli.grammar import make_parser

    _write_any_text()
    options = make_parser().parse_args(arguments)
    try:
        module, function = options.do.split(".")
        code: int | None = getattr(import_module(f"trackside.cli.{module}"), function)(options)
        sys.stdout.flush()
    except TracksideError as error:
        sys.stderr.write(f"trackside: {plain_lines(_in_a_terminal(str(error)))}\n")
        return MISUSED if isinstance(error, InvalidValueError) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED
    return DONE if code is None else code


def _in_a_terminal(text: str) -> str:
    """With options and commands for what hints tell people to call in Python."""
    text = re.sub(r"trackside\.set_tracking_uri\((?:'([^']*)'|(…))\)", r"--uri \1\2", text)
    return text.replace("restore_run(run_id)", "`trackside restore RUN`")


def _write_any_text() -> None:
    """Let no letter that the terminal cannot show end a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_output() -> None:
    """Keep the interpreter from failing once more when it flushes what nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
