"""Use cases of people: authentication, sign-in, users, API keys."""
