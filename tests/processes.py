"""Programs in processes of their own, which tests start, watch and kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


class Program:
    """A running Python program that leads a process group of its own."""

    def __init__(self, source: str, *arguments: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(source), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        )

    def line(self) -> str:
        """The next line that it prints; an empty text at its end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def lines(self) -> list[str]:
        """What else it prints until it ends."""
        return self.finish()[0].split()

    def finish(self) -> tuple[str, str]:
        """What else it prints, and its errors, once it ended by itself."""
        out, err = self.process.communicate(timeout=240)
        assert self.process.returncode == 0, err
        return out, err

    def kill(self, *, group: bool = False) -> list[str]:
        """Kill it without a warning, and return the whole lines that it had printed."""
        if group:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        out, _ = self.process.communicate(timeout=240)
        return out[: out.rfind("\n") + 1].split()


def run_script(environment: dict[str, str], source: str, *, code: int = 0) -> str:
    """What a short program, which has to end with this code, writes to its standard error."""
    done = subprocess.run(
        [sys.executable, "-c", source], env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stderr
