"""The doors: each folder is one Lambda function, and all look alike (settings, door, app)."""
