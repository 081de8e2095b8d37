"""JupyterLab as a user sees it: a browser page with notebooks, cells and the *Experiment runs* panel."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from playwright.sync_api import Locator, Page, expect

from .waiting import wait_until

if TYPE_CHECKING:
    from .server import JupyterServer

PATIENCE_MS = 120_000
PANEL_TAB = "Experiment runs"
OPEN = """async ([folder, path]) => {
    const { commands, shell } = window.jupyterapp;
    await commands.execute("filebrowser:go-to-path", { path: folder, dontShowBrowser: true });
    const opened = await commands.execute("docmanager:open", { path });
    for (const other of [...shell.widgets("main")]) if (other !== opened) other.dispose();
}"""
NOTE_RESTART = """() => {
    window.kernelHasRestarted = false;
    window.jupyterapp.shell.currentWidget.sessionContext.statusChanged.connect((_, status) => {
        if (status === "restarting") window.kernelHasRestarted = true;
    });
    for (const shown of document.querySelectorAll("#trackside-sidebar .trackside")) shown.dataset.before = "restart";
}"""
"""A kernel that is about to restart is as idle as one that has, and its panel looks like that of the next."""
LEAVE = """() => {
    if (!window.jupyterapp) return;
    for (const opened of [...window.jupyterapp.shell.widgets("main")]) opened.dispose();
    window.jupyterapp.shell.collapseRight();
}"""


class Lab:
    """One browser page over one folder of a server."""

    def __init__(self, page: Page, server: JupyterServer, folder: Path) -> None:
        self.page = page
        self.server = server
        self.folder = folder
        left = re.search(r"/lab/workspaces/(\w+)", page.url)
        self._is_left = left is not None
        self._workspace = left[1] if left else uuid.uuid4().hex[:8]

    # Files

    def write(self, name: str, *cells: str, kernel: str = "python3", metadata: dict[str, Any] | None = None) -> Path:
        """Write a notebook with these code cells."""
        spec = {"name": kernel, "display_name": kernel, "language": "python"}
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec, **(metadata or {})})
        notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells or ("",)]
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def saved(self, name: str) -> Any:
        """A notebook as it is on disk."""
        return json.loads((self.folder / name).read_text())

    # Notebooks

    def open(self, name: str, *, wait_for_kernel: bool = True) -> None:
        """Open a notebook in a fresh JupyterLab, or in the one that the test before has left."""
        path = (self.folder / name).relative_to(self.server.root).as_posix()
        if self._is_left:
            self.page.evaluate(OPEN, [path.rpartition("/")[0], path])
        else:
            self.page.goto(self.server.url(f"lab/workspaces/{self._workspace}/tree/{path}?reset"))
        self._is_left = False
        if wait_for_kernel:
            self.wait_for_kernel()

    def leave(self) -> None:
        """Close all that is open, as it is, so that another test can use the page."""
        self.page.evaluate(LEAVE)

    def open_nothing(self) -> None:
        """Open JupyterLab without a notebook."""
        self.page.goto(self.server.url(f"lab/workspaces/{self._workspace}?reset"))
        expect(self.page.locator(".jp-LauncherCard").first).to_be_visible(timeout=PATIENCE_MS)

    def open_also(self, name: str) -> None:
        """Open one more notebook from the file browser."""
        self.page.get_by_role("listitem", name=f"Name: {name}").dblclick()
        self.expect_in_front(name)
        self.wait_for_kernel()

    def reload(self, *, wait_for_kernel: bool = True) -> None:
        """Load the page again, as people do, once JupyterLab has remembered what is open."""
        wait_until(self._workspace_is_saved)
        self.page.goto(self.server.url(f"lab/workspaces/{self._workspace}"))
        if wait_for_kernel:
            self.wait_for_kernel()

    def _workspace_is_saved(self) -> bool:
        workspaces = self.server.call("GET", "lab/api/workspaces")["workspaces"]["values"]
        layouts = [saved["data"].get("layout-restorer:data", {}) for saved in workspaces]
        here = [layout for layout in layouts if self.folder.name in json.dumps(layout.get("main"))]
        return any(layout.get("right", {}).get("current") == "trackside-sidebar" for layout in here)

    def wait_for_id(self) -> None:
        """Wait until the kernel has told the notebook in front its id, as it does before its first run."""
        metadata = "window.jupyterapp.shell.currentWidget.context.model.sharedModel.getMetadata('trackside')"
        self.page.wait_for_function(f"{metadata}?.id", timeout=PATIENCE_MS)

    def save(self) -> None:
        """Save the notebook in front."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.context.save()")

    def rename(self, name: str, new_name: str) -> None:
        """Rename a notebook in the file browser."""
        self.page.get_by_role("listitem", name=f"Name: {name}").click()
        self.page.keyboard.press("F2")
        self.page.locator(".jp-DirListing-editor").fill(new_name)
        self.page.keyboard.press("Enter")
        expect(self.tab(new_name)).to_be_visible()
        # the file browser takes the focus back when it has read the folder again
        expect(self.page.get_by_role("listitem", name=f"Name: {new_name}")).to_have_class(_has("jp-mod-selected"))
        expect(self.page.locator(".jp-DirListing :focus, .jp-DirListing:focus")).not_to_have_count(0)

    def go_to(self, name: str) -> None:
        """Bring the tab whose label begins with ``name`` to the front by a click on it."""
        self.tab(name).click()
        self.expect_in_front(name)

    def expect_in_front(self, name: str) -> None:
        """Wait until that tab is in front. What opens later than another tab was gone to would cover it."""
        expect(self.tab(name)).to_have_class(_has("lm-mod-current"))

    def tab(self, name: str) -> Locator:
        """The tab in the main area whose label begins with ``name``."""
        label = self.page.locator(".lm-TabBar-tabLabel").filter(has_text=re.compile(f"^{re.escape(name)}"))
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has=label)

    @property
    def notebook(self) -> Locator:
        """The notebook in front."""
        return self.page.locator(".jp-NotebookPanel:not(.trackside-revision):not(.lm-mod-hidden)")

    @property
    def cells(self) -> Locator:
        """The cells of the notebook in front."""
        return self.notebook.locator(".jp-Notebook-cell")

    def wait_for_kernel(self) -> None:
        """Wait until the kernel of the notebook in front is connected and idle."""
        expect(self.notebook).to_be_visible(timeout=PATIENCE_MS)
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget?.sessionContext?.kernelDisplayStatus === 'idle'", timeout=PATIENCE_MS
        )

    def run(self, index: int = 0) -> Locator:
        """Run a cell, without waiting for its end; returns the cell."""
        cell = self.select(index)
        self.command("notebook:run-cell")
        return cell

    def select(self, index: int = 0) -> Locator:
        """Make a cell the active one, in command mode; returns the cell."""
        cell = self.cells.nth(index)
        prompt = cell.locator(".jp-InputPrompt")
        expect(prompt).to_contain_text("[")
        prompt.click()
        expect(cell).to_have_class(_has("jp-mod-active"))
        expect(self.notebook.locator(":focus")).to_have_count(1)
        return cell

    def run_through(self, index: int = 0, *, timeout_s: float = PATIENCE_MS / 1000) -> Locator:
        """Run a cell and wait until it has ended."""
        self.select(index)
        before = self.prompt(index)
        cell = self.run(index)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(_numbered_other_than(before), timeout=timeout_s * 1000)
        return cell

    def prompt(self, index: int = 0) -> str:
        """A cell's prompt, such as ``[3]:``."""
        return self.cells.nth(index).locator(".jp-InputPrompt").inner_text()

    def type_into(self, index: int, source: str) -> None:
        """Replace a cell's source by typing."""
        editor = self.cells.nth(index).locator(".cm-content")
        editor.click()
        expect(editor).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def interrupt(self) -> None:
        """Interrupt the kernel of the notebook in front."""
        self.notebook.locator('[data-command="notebook:interrupt-kernel"]').click()

    def command(self, name: str) -> None:
        """Run one of JupyterLab's own commands, without waiting for its end."""
        self.page.evaluate("name => void window.jupyterapp.commands.execute(name)", name)

    def wait_for_clipboard(self, text: str) -> None:
        """Wait until what was copied has this text in it; browsers take their time to copy."""
        wait_until(lambda: text in self.page.evaluate("navigator.clipboard.readText()"))

    def menu(self, *labels: str) -> None:
        """Choose from the menu bar."""
        self.page.locator(".lm-MenuBar-item", has_text=labels[0]).first.click()
        for label in labels[1:]:
            self.page.locator(".lm-Menu-item:visible", has_text=label).first.click()

    def restart_kernel(self) -> None:
        """Restart the kernel of the notebook in front and wait until it is there again."""
        self.page.evaluate(NOTE_RESTART)
        self.menu("Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog-button.jp-mod-warn").click()
        expect(self.page.locator(".jp-Dialog")).to_have_count(0)
        self.page.wait_for_function("window.kernelHasRestarted", timeout=PATIENCE_MS)
        expect(self.page.locator('[data-before="restart"]')).to_have_count(0)
        self.wait_for_kernel()

    # The panel

    def open_panel(self) -> Panel:
        """Open the panel by its tab in the right sidebar."""
        panel = self.panel
        expect(panel.element).to_be_attached()
        if not panel.element.is_visible():
            self.page.locator(f'.jp-SideBar.jp-mod-right [title="{PANEL_TAB}"]').click()
        expect(panel.element).to_be_visible()
        return panel

    def open_with_panel(self, name: str, *cells: str, **how: Any) -> Panel:
        """Write a notebook and open it, with the panel beside it; ``how`` as for ``write``."""
        self.write(name, *cells, **how)
        self.open(name)
        panel = self.open_panel()
        panel.wait_for_widget()
        return panel

    @property
    def panel(self) -> Panel:
        return Panel(self.page.locator("#trackside-sidebar"))


class Panel:
    """The *Experiment runs* panel."""

    def __init__(self, element: Locator) -> None:
        self.element = element

    @property
    def widget(self) -> Locator:
        """The kernel's widget, where the panel shows it."""
        return self.element.locator(".trackside:visible")

    @property
    def message(self) -> Locator:
        """What the panel says instead of showing runs."""
        return self.element.locator(".trackside-message:visible")

    @property
    def runs(self) -> Locator:
        return self.widget.locator(".ts-run")

    def run(self, name: str) -> Locator:
        """The run with this name."""
        return self.widget.locator(".ts-run", has=self.element.page.locator(".ts-run-name", has_text=name))

    def wait_for_widget(self) -> None:
        expect(self.widget).to_be_visible(timeout=PATIENCE_MS)


def _has(name: str) -> Any:
    return re.compile(rf"(^|\s){name}(\s|$)")


def _numbered_other_than(prompt: str) -> Any:
    return re.compile(rf"^(?!{re.escape(prompt)}$)\[\d+\]:$")
