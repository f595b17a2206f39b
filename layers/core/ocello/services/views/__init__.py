"""The JSON of messages, people, items and figures."""
