"""Items that mail is about, and their bulk import."""
