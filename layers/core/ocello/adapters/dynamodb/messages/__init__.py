"""The stores of messages in the app table."""
