"""Use cases of items and their imports."""
