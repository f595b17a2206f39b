"""The pages of administrators, and the page of what they changed of a person's items."""
