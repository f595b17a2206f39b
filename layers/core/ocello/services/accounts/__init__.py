"""Use cases of the accounts that users send from."""
