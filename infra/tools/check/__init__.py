"""Checks of the code that no tool makes by itself."""
