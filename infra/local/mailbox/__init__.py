"""The recipients' side: a mailbox, its page, and the clients that play a recipient."""
