"""Consent: the rule sets, read from their files."""
