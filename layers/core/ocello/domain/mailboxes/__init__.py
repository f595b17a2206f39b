"""Mailboxes that are read: the server, its folders."""
