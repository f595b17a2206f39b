"""The pages of a person's settings: tracking, preferences, accounts and keys."""
