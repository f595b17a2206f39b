"""OpenID Connect: sign-in, tokens, sealed sessions, and the user pool."""
