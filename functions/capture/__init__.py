"""Answers requests for pixels and links on the tracking origin. Hot path: the standard library and our own modules only."""
