"""What use cases of several subjects share."""
