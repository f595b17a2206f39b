"""Tokens, hits and redirects: on the hot path, small, standard library only."""
