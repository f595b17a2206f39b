"""Routes of people: users, their accounts, keys, sessions and settings."""
