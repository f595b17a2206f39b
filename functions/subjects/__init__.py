"""Exports and erases what is held of people, in portions."""
