"""What people do in JupyterLab, done by a real browser in a real JupyterLab with real kernels."""
