"""Commands for whoever operates a stack."""
