"""IPython runs this when it starts: Trackside waits at almost no cost, and is loaded when it is first needed.

That is when the first cell runs, or when the labextension opens its comm. Magics work from the first cell on. The
environment variable TRACKSIDE_DISABLED=1 turns it off. Nothing stays in the user's namespace, which this runs in.
"""

# mypy: ignore-errors


class _Waiting:
    """Stands in for the extension until it is loaded."""

    def __init__(self, ipython):
        self.ipython = ipython
        self.is_over = False
        self.lock = __import__("threading").RLock()
        self.hooks = ipython.events.callbacks["pre_run_cell"]
        self.transformers = ipython.input_transformers_cleanup
        self.comms = getattr(getattr(ipython, "kernel", None), "comm_manager", None)

    def start(self):
        self.ipython.events.register("pre_run_cell", self.cell_begins)
        self.transformers.append(self.transform)
        if self.comms is not None:
            self.comms.register_target("trackside", self.comm_opens)

    def cell_begins(self, info):
        """Load; the hooks of the extension come too late to hear of this cell from IPython, so they hear of it here."""
        known = list(self.hooks)
        self.load()
        for hook in self.hooks:
            if hook not in known:
                hook(info)

    def transform(self, lines):
        """Load for a first cell that is tracked, which is transformed before it begins."""
        if lines and lines[0].startswith("%%track"):
            self.load()
            for transform in self.transformers:
                lines = transform(lines)
        return lines

    def comm_opens(self, comm, message):
        """Load, and let the extension answer."""
        self.load()
        target = self.comms.targets.get("trackside")
        if target is not None and target != self.comm_opens:
            target(comm, message)

    def load(self):
        """Load once. A cell that begins while the panel has it loaded waits for that: the cell may use the magics."""
        with self.lock:
            if not self.is_over:
                self.is_over = True
                self.load_now()
                self.stop()

    def load_now(self):
        """The user's cell runs in any case, also where Trackside was uninstalled since."""
        try:
            from trackside import extension

            extension.load(self.ipython)
        except Exception as error:  # noqa: BLE001
            if not isinstance(error, ModuleNotFoundError) or error.name != "trackside":
                import sys

                sys.stderr.write(f"Trackside could not be loaded: {type(error).__name__}: {error}\n")

    def stop(self):
        if self.cell_begins in self.hooks:
            self.ipython.events.unregister("pre_run_cell", self.cell_begins)
        if self.transform in self.transformers:
            self.transformers.remove(self.transform)


try:
    if __import__("os").environ.get("TRACKSIDE_DISABLED", "").strip().lower() not in ("1", "true", "yes", "on"):
        _Waiting(get_ipython()).start()  # noqa: F821 - IPython's
except Exception as _error:  # noqa: BLE001 - IPython starts in any case
    __import__("sys").stderr.write(f"Trackside does not wait in this kernel: {type(_error).__name__}: {_error}\n")
finally:
    del _Waiting
