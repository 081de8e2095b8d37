# ruff: noqa: T201 - it prints a table
"""How long one call that logs one number takes, and how many such calls are lost when the process is killed.

    python tests/bench/log_metric.py [--calls N] [--peers FOLDER] [name ...]

Each program logs N numbers, one call each, is killed with SIGKILL as soon as the last call returned, and what is then
on the disk is counted (of Trackside, after the next session has delivered what was left). With ``--peers`` others
are measured too: each in a virtual environment of its own in that folder, made with pip where it is not there.
MLflow is taken from the environment that runs this. Compare the figures of one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SOURCE = Path(__file__).parents[2] / "src"

MEASURE = """
import json, statistics, sys, time
calls = int(sys.argv[1])
for step in range(10):
    log(step)
time.sleep(0.5)
times = []
for step in range(10, calls):
    before = time.perf_counter()
    log(step)
    times.append(time.perf_counter() - before)
times.sort()
figures = [times[0], statistics.median(times), statistics.mean(times), times[int(len(times) * 0.99)]]
print("figures", json.dumps([figure * 1e6 for figure in figures]), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Peer:
    """A tracker: how it logs a step, and a program that prints how many are on the disk, where that is known."""

    name: str
    package: str
    log: str
    count: str


SQLITE = """
import sqlite3, sys
print(sqlite3.connect("mlflow.db").execute("SELECT count(*) FROM metrics").fetchone()[0])
"""
PEERS = (
    Peer(
        "trackside",
        "",
        """
import trackside
trackside.start_run()
def log(step): trackside.log_metric("loss", step * 0.5, step=step)
""",
        """
import time
from trackside.stores.base import RunQuery
from trackside.stores.uri import open_store
store = open_store("sqlite:///mlflow.db")
(run,) = store.search_runs(RunQuery(("0",)))
while store.waiting().count:
    time.sleep(0.1)
store.close()
"""
        + SQLITE,
    ),
    Peer(
        "mlflow (SQLite)",
        "",
        """
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.start_run()
def log(step): mlflow.log_metric("loss", step * 0.5, step=step)
""",
        SQLITE,
    ),
    Peer(
        "trackio",
        "trackio",
        """
import trackio
trackio.init(project="bench")
def log(step): trackio.log({"loss": step * 0.5}, step=step)
""",
        """
import sqlite3
from pathlib import Path
files = [path for path in Path("home").rglob("*.db")]
print(sum(sqlite3.connect(path).execute("SELECT count(*) FROM metrics").fetchone()[0] for path in files))
""",
    ),
    Peer(
        "tensorboardX",
        "tensorboardX",
        """
from tensorboardX import SummaryWriter
writer = SummaryWriter("log")
def log(step): writer.add_scalar("loss", step * 0.5, step)
""",
        """
import struct
from pathlib import Path
(path,) = Path("log").iterdir()
content, at, count = path.read_bytes(), 0, 0
while at + 12 <= len(content):
    (length,) = struct.unpack_from("<Q", content, at)
    at += 16 + length
    count += at <= len(content) and b"loss" in content[at - 4 - length:at - 4]
print(count)
""",
    ),
    Peer(
        "dvclive",
        "dvclive",
        """
from dvclive import Live
live = Live("log", save_dvc_exp=False, monitor_system=False)
def log(step):
    live.step = step
    live.log_metric("loss", step * 0.5)
""",
        """
from pathlib import Path
print(sum(len(path.read_text().splitlines()) - 1 for path in Path("log").rglob("loss.tsv")))
""",
    ),
    Peer(
        "wandb (offline)",
        "wandb",
        """
import os
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_CONSOLE="off")
import wandb
wandb.init(project="bench", dir=".")
def log(step): wandb.log({"loss": step * 0.5}, step=step)
""",
        """
import struct
from pathlib import Path
from wandb.proto.wandb_internal_pb2 import Record
(path,) = {path.resolve() for path in Path().rglob("*.wandb")}
content, at, count, parts = path.read_bytes(), 7, 0, b""
while at + 7 <= len(content):  # LevelDB's log format: blocks of 32 kB, records in one to many parts
    room = 32768 - at % 32768
    if room < 7:
        at += room
        continue
    _, length, kind = struct.unpack_from("<IHB", content, at)
    at += 7 + length
    if not kind or at > len(content):
        break
    parts = (b"" if kind in (1, 2) else parts) + content[at - length:at]
    if kind in (1, 4):
        record = Record()
        record.ParseFromString(parts)
        count += record.WhichOneof("record_type") == "history"
print(count)
""",
    ),
    Peer(
        "aim",
        "aim",
        """
from aim import Run
run = Run(repo=".", system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)
def log(step): run.track(step * 0.5, name="loss", step=step)
""",
        """
from pathlib import Path
from aim.storage.rockscontainer import RocksContainer
(path,) = Path(".aim/seqs/chunks").iterdir()
items = RocksContainer(str(path), read_only=True).items()
print(sum(b"loss\\xfeval\\xfe\\xfe" in key for key, _ in items))
""",
    ),
)


def main() -> int:
    """Measure and print a table of microseconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="trackers; without any, all that are there")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--peers", type=Path, help="folder of the peers' virtual environments")
    arguments = parser.parse_args()
    print(f"{arguments.calls} calls each, microseconds\n")
    print("| | best | median | mean | 99th | median / Trackside's | lost at SIGKILL |\n|---|---|---|---|---|---|---|")
    own = 0.0
    for peer in PEERS:
        is_wanted = not arguments.names or any(name in peer.name for name in arguments.names)
        if not is_wanted or (peer.package and arguments.peers is None):
            continue
        try:
            figures, lost = measure(peer, arguments.calls, arguments.peers)
        except (subprocess.SubprocessError, RuntimeError, ValueError) as error:
            print(f"| {peer.name} | could not be measured: {str(error)[-200:]!r} |")
            continue
        own = own or figures[1]
        cells = " | ".join(f"{figure:,.1f}" for figure in figures)
        print(
            f"| {peer.name} | {cells} | {figures[1] / own:,.1f} | {'not counted' if lost is None else lost} |",
            flush=True,
        )
    return 0


def measure(peer: Peer, calls: int, environments: Path | None) -> tuple[list[float], int | None]:
    """The figures of one tracker, and how many calls it lost; None where its files cannot be counted from here."""
    python = find_python(peer, environments)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = os.path.join(folder, "home")  # noqa: PTH118 - for the environment
        environment = {
            **os.environ,
            "HOME": home,
            "TRACKSIDE_JOURNAL_DIR": f"{folder}/journal",
            "PYTHONWARNINGS": "ignore",
        }
        environment |= {"PYTHONPATH": "" if peer.package else str(SOURCE), "TRACKIO_DIR": f"{home}/trackio"}
        Path(home).mkdir()
        program = subprocess.Popen(
            [python, "-c", peer.log + MEASURE, str(calls)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if os.environ.get("BENCH_QUIET") else None,
            text=True,
            start_new_session=True,
        )
        figures = read_figures(program)
        os.killpg(program.pid, 9)
        program.wait()
        if not peer.count:
            return figures, None
        command = [python, "-c", peer.count]
        counted = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        return figures, calls - int(counted.stdout.split()[-1])


def read_figures(program: subprocess.Popen[str]) -> list[float]:
    """What the program measured, as soon as it says so."""
    assert program.stdout is not None
    for line in program.stdout:
        if line.startswith("figures "):
            return list(json.loads(line.removeprefix("figures ")))
    raise RuntimeError("it ended before it had measured anything")


def find_python(peer: Peer, environments: Path | None) -> str:
    """The interpreter that has the tracker; its environment is made where it is not there."""
    if not peer.package or environments is None:
        return sys.executable
    folder = environments.absolute() / peer.package
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", peer.package], check=True)
    return str(python)


if __name__ == "__main__":
    sys.exit(main())
