"""Use cases, one verb each; what they need of the world comes in as ports."""
