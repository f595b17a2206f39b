"""Takes a recipient's copy from the delivery queue and sends it."""
