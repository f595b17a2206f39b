"""Received mail and the state of mailboxes in the app table."""
