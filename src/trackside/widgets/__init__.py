"""The sidebar's widget, and what answers it in the kernel."""
