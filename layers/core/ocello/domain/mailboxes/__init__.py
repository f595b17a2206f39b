"""Mail that a user's mailbox received: what it is, which mail of ours it answers, and when to look for it."""
