"""SMTP: sending through users' own servers."""
