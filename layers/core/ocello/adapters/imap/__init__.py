"""Reading users' mailboxes by IMAP."""
