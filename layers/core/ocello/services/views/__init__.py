"""Messages, people, items and figures as the JSON of the API."""
