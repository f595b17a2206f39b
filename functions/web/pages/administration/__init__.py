"""The pages of administrators, and what they changed of a person's items."""
