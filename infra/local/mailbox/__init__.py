"""The recipients' side: a mailbox, its page, and mail clients to act as."""
