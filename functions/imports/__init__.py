"""Works through bulk imports of items; each queue message gets as far as one call's time allows."""
