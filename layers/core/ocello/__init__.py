"""Ocello: e-mail tracking that says how sure it is. The package under every function."""
