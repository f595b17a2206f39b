"""The stores of items in the app table."""
