"""Works through bulk imports of items, as far as one call's time goes for each queue message."""
