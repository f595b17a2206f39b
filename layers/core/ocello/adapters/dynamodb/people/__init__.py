"""The stores of people in the app table."""
