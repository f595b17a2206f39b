"""The subject itself: tokens, hits, rewriting, verdicts, engagement. Standard library only.

No AWS, no HTTP, no environment, no clock, no chance: those come in as arguments.
"""
