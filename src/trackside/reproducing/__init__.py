"""A run again: its notebook as it was, in the environment it had, and whether it still gives the same result."""
