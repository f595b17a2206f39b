"""Use cases: what the application does for somebody. What they need of the outside world comes in as ports."""
