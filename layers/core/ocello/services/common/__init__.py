"""What the use cases of every subject share."""
