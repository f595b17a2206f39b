"""Answers pixels and links on the tracking origin. HOT: the standard library and our own modules only."""
