"""Where runs live: the store contract and its implementations."""
