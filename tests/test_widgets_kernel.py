"""The panel in a real kernel: it answers and pushes while a cell runs, and harms nothing that the cell does."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import ipykernel
import pytest

from .kernels import TIMEOUT_S, start_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WATCH: dict[str, Any] = {"query": {}, "window": {}, "open": []}
BUSY = """
import pathlib, time
pathlib.Path("started").touch()
while not pathlib.Path("finish").exists():
    time.sleep(0.02)
"""

pytestmark = pytest.mark.skipif(ipykernel.version_info < (7, 1), reason="needs subshells")


class Kernel:
    """A kernel with Trackside loaded, spoken to as the labextension does: comm messages in a subshell."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self.directory = directory
        self.manager, self.client = start_ready(cwd=str(directory), env=environment)
        self.seen: list[dict[str, Any]] = []
        self.subshell = self._make_subshell()

    def stop(self) -> None:
        (self.directory / "finish").touch()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code: str) -> str:
        request = self.client.execute(code)
        return self.reply_to(request)

    def reply_to(self, request: str) -> str:
        """What the execution that was asked for printed."""
        self.wait(lambda message: self._is_idle(message, request))
        outputs = [message for message in self.seen if message["parent_header"].get("msg_id") == request]
        errors = [message["content"] for message in outputs if message["msg_type"] == "error"]
        assert not errors, errors
        return "".join(message["content"]["text"] for message in outputs if message["msg_type"] == "stream")

    def start_busy_cell(self, code: str = BUSY) -> str:
        request = self.client.execute(code)
        wait_until((self.directory / "started").exists)
        return request

    def open_comm(self) -> str:
        comm_id = uuid.uuid4().hex
        self._send("comm_open", {"comm_id": comm_id, "target_name": "trackside", "data": {}})
        return comm_id

    def send(self, comm_id: str, data: dict[str, Any]) -> None:
        self._send("comm_msg", {"comm_id": comm_id, "data": data})

    def open_panel(self) -> str:
        comm_id = self.open_comm()
        self.send(comm_id, {"kind": "panel.open"})
        message = self.wait(lambda message: data_of(message).get("kind", "").startswith("panel."))
        assert data_of(message)["kind"] == "panel.ready", data_of(message)
        return str(data_of(message)["model_id"])

    def ask(self, model_id: str, kind: str, **data: Any) -> dict[str, Any]:
        """The answer to a request of the widget."""
        request_id = f"page:{uuid.uuid4().hex}"
        content = {"id": request_id, "kind": kind, "data": data}
        self.send(model_id, {"method": "custom", "content": content})
        return content_of(self.wait(lambda message: content_of(message).get("id") == request_id))

    def wait(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message from the kernel, from now on, that is wanted."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            self.seen.append(message)
            if is_wanted(message):
                return message
        raise TimeoutError

    def _is_idle(self, message: dict[str, Any], request: str) -> bool:
        is_status = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        return is_status and message["parent_header"].get("msg_id") == request

    def _make_subshell(self) -> str:
        self.client.control_channel.send(self.client.session.msg("create_subshell_request"))
        reply = self.client.get_control_msg(timeout=TIMEOUT_S)
        return str(reply["content"]["subshell_id"])

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        message = self.client.session.msg(kind, content)
        message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)


def data_of(message: dict[str, Any]) -> dict[str, Any]:
    is_comm = message["msg_type"] == "comm_msg"
    return message["content"]["data"] if is_comm else {}


def content_of(message: dict[str, Any]) -> dict[str, Any]:
    """What the panel said to its widget."""
    return data_of(message).get("content", {})


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def kernel(workspace: Path, script_environment: dict[str, str]) -> Iterator[Kernel]:
    started = Kernel(workspace, script_environment)
    started.run("%load_ext trackside")
    yield started
    started.stop()


def test_a_click_is_answered_while_a_cell_runs_also_after_a_push_from_a_cell(kernel: Kernel) -> None:
    """R4.1: requests come in a subshell; what a cell makes the panel publish does not bind them to the main shell."""
    model_id = kernel.open_panel()
    assert kernel.ask(model_id, "runs.watch", **WATCH)["reply"]["answers_while_busy"] is True
    kernel.run("import trackside\nwith trackside.start_run(run_name='first') as run: trackside.log_metric('loss', 1)")
    kernel.run("from trackside.widgets.sidebar import sidebar\nsidebar().refresh()\nsidebar().send({'from': 'a cell'})")
    busy = kernel.start_busy_cell()
    reply = kernel.ask(model_id, "runs.watch", **WATCH)["reply"]
    assert [row["name"] for row in reply["rows"]] == ["first"]
    run_id = reply["rows"][0]["run_id"]
    assert kernel.ask(model_id, "tag.set", run_id=run_id, key="color", value="blue")["reply"] == {}
    assert kernel.ask(model_id, "run.rename", run_id=run_id, name="renamed")["reply"] == {}
    (kernel.directory / "finish").touch()
    kernel.reply_to(busy)
    assert kernel.run("print(trackside.get_run(run.info.run_id).data.tags['color'])") == "blue\n"


def test_the_panel_opens_while_a_cell_runs(kernel: Kernel) -> None:
    """R4.1: also when it is the first that the kernel hears of the panel."""
    busy = kernel.start_busy_cell()
    model_id = kernel.open_panel()
    assert kernel.ask(model_id, "runs.watch", **WATCH)["reply"]["rows"] == []
    (kernel.directory / "finish").touch()
    kernel.reply_to(busy)


def test_a_run_is_pushed_while_its_cell_runs(kernel: Kernel) -> None:
    """R4.1: runs appear and metrics move before the cell ends."""
    model_id = kernel.open_panel()
    kernel.ask(model_id, "runs.watch", **WATCH)
    code = "import trackside\nrun = trackside.start_run(run_name='live')\ntrackside.log_metric('loss', 0.5)" + BUSY
    busy = kernel.start_busy_cell(code)
    message = kernel.wait(lambda message: bool(content_of(message).get("data", {}).get("metrics", {}).get("keys")))
    snapshot = content_of(message)["data"]
    assert [(row["name"], row["status"]) for row in snapshot["rows"]] == [("live", "RUNNING")]
    (kernel.directory / "finish").touch()
    kernel.reply_to(busy)


def test_a_click_leaves_the_figure_that_a_cell_is_drawing_alone(kernel: Kernel) -> None:
    """IPython flushes figures after each comm message; our messages do not make it do so."""
    pytest.importorskip("matplotlib_inline")
    model_id = kernel.open_panel()
    kernel.run("%matplotlib inline\nimport matplotlib.pyplot as plt")
    busy = kernel.start_busy_cell("figure = plt.figure(); plt.plot([1, 2])\n" + BUSY + "print(plt.get_fignums())")
    kernel.ask(model_id, "runs.watch", **WATCH)
    comm_id = kernel.open_comm()
    kernel.send(comm_id, {"kind": "panel.open"})
    kernel.wait(lambda message: data_of(message).get("kind") == "panel.ready")
    (kernel.directory / "finish").touch()
    assert kernel.reply_to(busy) == "[1]\n"


def test_a_page_can_ask_for_a_new_panel_and_the_old_one_keeps_answering(kernel: Kernel) -> None:
    """R4.1: a page that was loaded while a cell runs does not learn of the panel that is there."""
    first = kernel.open_panel()
    comm_id = kernel.open_comm()
    kernel.send(comm_id, {"kind": "panel.open", "fresh": True})
    ready = kernel.wait(lambda message: data_of(message).get("kind") == "panel.ready")
    second = data_of(ready)["model_id"]
    assert second != first
    for model_id in (first, second):
        assert kernel.ask(model_id, "runs.watch", **WATCH)["reply"]["total"] == 0
