"""Turns the stream of hits into engagement rows."""
