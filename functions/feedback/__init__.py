"""Turns what SES says of a sent copy into its recipient's status."""
