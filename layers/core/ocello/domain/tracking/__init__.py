"""Tokens, hits and redirects. They are on the hot path: keep them small, with the standard library only."""
