"""How long rows are kept, and what was deleted."""
