"""What is shown of messages, people, items and figures: as JSON, and as the parts of pages."""
