"""Routes of mail: sending, tracking, and what came of it."""
