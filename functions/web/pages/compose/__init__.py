"""The pages on which a mail is written."""
