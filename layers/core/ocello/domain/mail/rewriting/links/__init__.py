"""Which links are tracked, and which are left alone and why."""
