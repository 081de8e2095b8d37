"""Runs a notebook from top to bottom: ``python -m trackside.reproducing.execute NOTEBOOK KERNEL COPY``.

It is a process of its own, so that it can be stopped with its kernel, and so that neither waits for the other's cells;
it stops by itself when the process that started it is gone.
The copy gets the outputs. Ends with 3 where a cell failed; the last lines say which and why.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FAILED = 3
_MOST_CHARACTERS = 2_000
_LOOK_S = 0.5


def main(arguments: Sequence[str]) -> int:
    """Run the notebook; the kernel's name may be empty, for the one that the notebook names."""
    notebook, kernel, copy = arguments
    try:
        import nbclient
    except ImportError:
        sys.stdout.write("nbclient is not installed; `pip install nbclient` lets Trackside run notebooks\n")
        return 1
    import nbformat

    content = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call, unused-ignore]
    client = nbclient.NotebookClient(
        content, timeout=None, resources={"metadata": {"path": str(Path(notebook).parent)}}, **_kernel(kernel)
    )
    total = len(content.cells)
    client.on_cell_start = lambda cell_index, **_: _say(f"cell {cell_index + 1} of {total}")
    try:
        client.execute()
    except nbclient.exceptions.CellExecutionError as error:
        _say(f"{error.ename}: {error.evalue}"[:_MOST_CHARACTERS])
        return FAILED
    except (nbclient.exceptions.DeadKernelError, RuntimeError, OSError) as error:
        _say(f"the kernel died: {error}"[:_MOST_CHARACTERS])
        return FAILED
    finally:
        nbformat.write(content, copy)  # type: ignore[no-untyped-call, unused-ignore]
    return 0


def _kernel(name: str) -> dict[str, Any]:
    return {"kernel_name": name} if name else {}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _stop_without(parent: int) -> None:
    """Stop, with the kernel, when the process that started this one is gone."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    pause = threading.Event()
    while os.getppid() == parent and psutil.pid_exists(parent):
        pause.wait(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_stop_without, args=(os.getppid(),), daemon=True).start()
    sys.exit(main(sys.argv[1:]))
