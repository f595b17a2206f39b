"""Imports files in bulk: items, and what people said of being tracked."""
