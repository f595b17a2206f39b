"""The namespace of a stack's metrics in CloudWatch. The hot function imports this module, so it imports nothing."""


def namespace(stack: str) -> str:
    """Return the namespace of a stack's metrics, as used by the template's alarms and dashboard."""
    return f"Ocello/{stack}" if stack else "Ocello"
