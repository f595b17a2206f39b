"""Use cases of the inbox and of conversations."""
