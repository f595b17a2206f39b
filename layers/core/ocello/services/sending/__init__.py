"""Use cases of sending: taking a message, and its delivery copy by copy."""
