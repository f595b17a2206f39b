"""The subject itself: tokens, hits, rewriting, verdicts, engagement. Standard library only; no clock, no chance, no AWS."""
