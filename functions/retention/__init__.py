"""Cuts addresses short and deletes what was kept long enough, once a day."""
