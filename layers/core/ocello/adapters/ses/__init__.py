"""SES: sending, identities, and feedback."""
