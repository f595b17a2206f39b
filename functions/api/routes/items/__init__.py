"""Routes of items and their imports."""
