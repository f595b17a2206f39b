"""Sending through users' own SMTP servers."""
