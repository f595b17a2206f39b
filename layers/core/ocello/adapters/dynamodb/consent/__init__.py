"""Consent in the app table."""
