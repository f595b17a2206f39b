"""The pages of mail: the inbox, conversations, and what is in a mail."""
