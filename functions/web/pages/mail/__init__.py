"""The pages of mail: the inbox, conversations, and the contents of a mail."""
