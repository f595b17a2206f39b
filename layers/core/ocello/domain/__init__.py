"""The subject itself: tokens, hits, rewriting, verdicts, engagement. Standard library only.

No AWS, no HTTP, no environment, no clock, no randomness: those come in as arguments.
"""
