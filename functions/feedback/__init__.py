"""Takes what SES tells of copies later to their recipients' statuses."""
