"""Use cases of files: those uploaded for a mail, and those of a mail that is stored."""
