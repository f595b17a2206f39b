"""Deletes what was kept long enough."""
