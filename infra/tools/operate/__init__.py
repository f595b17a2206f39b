"""Commands for operators of a stack."""
