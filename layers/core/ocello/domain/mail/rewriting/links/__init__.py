"""Which links are tracked, and why others are not."""
