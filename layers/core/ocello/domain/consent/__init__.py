"""Consent: of whom something is recorded, and by what key what is kept of a person is found."""
