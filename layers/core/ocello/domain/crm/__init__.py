"""Items, what mail is about, and their import in bulk."""
