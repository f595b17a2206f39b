"""Answers /v1, the JSON control plane, on the app origin."""
