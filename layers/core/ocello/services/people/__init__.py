"""Use cases of people: who asks, sign-in, users, API keys."""
