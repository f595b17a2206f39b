"""OpenID Connect: sign-in, tokens, encrypted sessions, and the user pool."""
