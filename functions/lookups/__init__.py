"""Looks up who takes in the mail of domains."""
