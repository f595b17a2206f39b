"""Answers the recipient's page on the tracking origin: what is recorded of them, and their choice."""
