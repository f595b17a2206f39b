"""Items that mail is about."""
