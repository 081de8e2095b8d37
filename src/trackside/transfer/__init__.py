"""How runs leave a store: one after the other, whatever the store's pages are, as CSV, and as a DataFrame."""
