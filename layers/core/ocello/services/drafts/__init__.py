"""Use cases of drafts: mails that people are writing."""
