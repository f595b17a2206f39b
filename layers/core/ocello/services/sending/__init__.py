"""Use cases of sending: taking a message, and delivering it copy by copy."""
