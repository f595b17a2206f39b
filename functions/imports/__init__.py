"""Works through bulk imports of items, a stretch for each queue message."""
