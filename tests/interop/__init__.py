"""Trackside beside MLflow."""
