"""Names a stack's figures in CloudWatch, for the hot function too: it imports nothing."""


def namespace(stack: str) -> str:
    """Return the namespace of a stack's figures, as the template's alarms and dashboard know it."""
    return f"Ocello/{stack}" if stack else "Ocello"
