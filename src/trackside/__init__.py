"""Trackside puts every experiment run beside the notebook that made it."""

__version__ = "0.1.0"
