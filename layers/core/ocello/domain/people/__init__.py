"""Users, their settings, API keys, sessions, preferences, contacts, and the audit trail."""
