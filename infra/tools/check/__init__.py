"""Checks of the code that no standard tool makes."""
