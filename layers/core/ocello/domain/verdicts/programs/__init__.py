"""What programs say of themselves, in their user agent and their headers."""
