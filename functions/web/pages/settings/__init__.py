"""The pages of what a person sets: tracking, preferences, accounts and keys."""
