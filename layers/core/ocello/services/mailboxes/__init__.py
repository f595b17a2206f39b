"""Use cases of the mailboxes of users: looking for answers to what they sent."""
