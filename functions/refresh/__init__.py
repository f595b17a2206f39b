"""Refreshes the table of networks, on a schedule."""
