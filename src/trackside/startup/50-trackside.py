# Gets Trackside ready when IPython starts; it is loaded when it is first needed. TRACKSIDE_DISABLED=1 turns it off.
try:
    from trackside import autoload as _trackside_autoload

    _trackside_autoload.prepare(get_ipython())  # type: ignore[name-defined]  # noqa: F821 - IPython's
    del _trackside_autoload
except ImportError:  # uninstalled since
    pass
