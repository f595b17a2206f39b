"""The stores of sending in turn in the app table."""
