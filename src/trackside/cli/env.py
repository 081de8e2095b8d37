"""The commands about environments that reproducing made."""

from __future__ import annotations

from argparse import Namespace

from trackside.cli import output
from trackside.errors import InvalidValueError
from trackside.reproducing.environments import MadeEnvironment, list_environments, remove_environment


def list_all(options: Namespace) -> None:
    """The environments that are there; what was left half-made is removed."""
    found = list_environments()
    if options.json:
        output.write_json([_to_json(made) for made in found])
    elif found:
        heads = ["key", "python", "libraries", "made", "kernel", "size", "folder"]
        output.write_table(heads, [_row(made) for made in found])
    else:
        output.note("reproducing has made no environments here")


def remove(options: Namespace) -> None:
    """Remove environments with their kernels."""
    if bool(options.names) == options.all:
        raise InvalidValueError("name environments, or give --all", hint="`trackside env list` lists them")
    names = [made.key for made in list_environments()] if options.all else options.names
    removed = [remove_environment(name) for name in names]
    if options.json:
        output.write_json([_to_json(made) for made in removed])
        return
    for made in removed:
        output.say(f"removed {made.key} with its kernel {made.kernel}")


def _row(made: MadeEnvironment) -> list[str]:
    size = output.show_bytes(made.size_bytes)
    time = output.show_time(made.created_time)
    return [made.key, made.python, str(made.libraries), time, made.kernel, size, str(made.folder)]


def _to_json(made: MadeEnvironment) -> dict[str, object]:
    return {
        "key": made.key,
        "python": made.python,
        "libraries": list(made.lines),
        "kernel": made.kernel,
        "made_for": made.made_for,
        "created_time": made.created_time,
        "folder": str(made.folder),
    }
