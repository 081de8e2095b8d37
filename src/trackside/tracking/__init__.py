"""The tracking API that people type, and the state behind it."""
