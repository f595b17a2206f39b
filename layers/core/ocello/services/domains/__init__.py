"""Use cases of the domains that mail goes to."""
