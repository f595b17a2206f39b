"""SES: sending, identities, and what it tells later."""
