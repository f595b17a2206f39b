"""Writes spilled hits into the hits table."""
