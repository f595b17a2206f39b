"""The pages of the composer."""
