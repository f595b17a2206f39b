"""Consent: which copies went to whom."""
