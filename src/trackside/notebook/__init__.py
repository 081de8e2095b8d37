"""What the notebook was: its identity, what it executed, and the environment it ran in."""
