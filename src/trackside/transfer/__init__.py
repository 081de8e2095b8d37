"""How runs leave a store: one after the other, whatever the store's pages are, and as CSV."""
