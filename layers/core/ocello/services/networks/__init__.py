"""Use cases of the table of networks."""
