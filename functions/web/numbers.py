"""Parses the whole numbers that forms and addresses hold: short texts of ASCII digits, and nothing else."""

from ocello.domain.common.errors import Invalid

TIME_DIGITS = 15  # of a time in ms


def parse_number(text: str, most_digits: int) -> int | None:
    """Return a number of up to `most_digits` digits; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


def number_in(field: str, text: str, most_digits: int) -> int:
    """Return a number of up to `most_digits` digits. Raise Invalid that names `field` for any other text."""
    found = parse_number(text, most_digits)
    if found is None:
        raise Invalid(field, "must be a number")
    return found
