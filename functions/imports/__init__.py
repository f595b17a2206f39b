"""Works through bulk imports; each queue message gets as far as one call's time allows."""
