"""Sentences for people: plain English as it stands, which remembers of which pattern and values it was made.

Other languages are the pages' affair: they look the pattern up. The domain knows none but English.
"""

from collections.abc import Mapping
from typing import Self, cast

type Value = str | int | float
type Serialized = str | list[object]


class Text(str):
    """A sentence with values in it. In `pattern` they stand as `%(name)s`, as they do in the pages' catalogues.

    A value that is itself a Text is a word of ours and has its translation; any other text is somebody else's.
    """

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, Value]

    def __new__(cls, pattern: str, **values: Value) -> Self:
        """Make the English of a pattern; one without values stands as it is, a `%` in it too."""
        made = super().__new__(cls, pattern % values if values else pattern)
        made.pattern, made.values = pattern, values
        return made


def ours(text: str) -> Text:
    """Return a sentence of ours as a Text, so that it is translated where it stands within another."""
    return text if isinstance(text, Text) else Text(text)


def serialize(text: str) -> Serialized:
    """Return a sentence as JSON stores it: what was made without values as a text, else its pattern and its values."""
    if not isinstance(text, Text):
        return text
    return [text.pattern, {name: _serialize_value(value) for name, value in text.values.items()}]


def _serialize_value(value: Value) -> object:
    return serialize(value) if isinstance(value, str) else value


def parse(stored: object) -> str:
    """Return the sentence that `serialize` stored. Raises ValueError for anything else."""
    match stored:
        case str():
            return stored
        case [str(pattern), dict(values)]:
            found = {str(name): _parse_value(value) for name, value in cast("dict[object, object]", values).items()}
            try:
                return Text(pattern, **found)
            except (TypeError, KeyError) as error:
                raise ValueError("a pattern without its values") from error
    raise ValueError("not a stored sentence")


def _parse_value(value: object) -> Value:
    return value if isinstance(value, int | float) else parse(value)


def cut(text: str, most: int) -> str:
    """Return at most that many characters; a sentence that is not longer stays what it is."""
    return text if len(text) <= most else text[:most]
