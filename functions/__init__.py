"""Each folder is one Lambda function, and all look alike (settings, handler, app)."""
