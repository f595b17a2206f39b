"""Routes of mail: sending, tracking, and the results."""
