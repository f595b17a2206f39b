"""What retention keeps in the app table."""
