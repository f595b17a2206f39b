"""Turns the stream of engagement rows into alerts, and hands them to their channels."""
