"""Sentences for people: English text that remembers the pattern and the values it was made from.

Pages translate it by looking the pattern up. The domain knows English only.
"""

from collections.abc import Mapping
from typing import Self, cast

type Value = str | int | float
type Serialized = str | list[object]


class Text(str):
    """A sentence with values in it. `pattern` marks their places by `%(name)s`, as the pages' catalogues do.

    A value that is itself a Text is translated too; any other text comes from somebody else and is not.
    """

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, Value]

    def __new__(cls, pattern: str, **values: Value) -> Self:
        """Make the English sentence of a pattern; without values the pattern is kept unchanged, including any `%`."""
        made = super().__new__(cls, pattern % values if values else pattern)
        made.pattern, made.values = pattern, values
        return made


def translatable(text: str) -> Text:
    """Return a sentence of ours as a Text, so that it is translated also when it is a value of another."""
    return text if isinstance(text, Text) else Text(text)


def serialize(text: str) -> Serialized:
    """Return a sentence for storing as JSON: its pattern and values if it is a Text, else the text itself."""
    if not isinstance(text, Text):
        return text
    return [text.pattern, {name: _serialize_value(value) for name, value in text.values.items()}]


def _serialize_value(value: Value) -> object:
    return serialize(value) if isinstance(value, str) else value


def parse(stored: object) -> str:
    """Return the sentence that `serialize` stored. Raise ValueError for anything else."""
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


def truncate(text: str, most: int) -> str:
    """Return the first `most` characters; a sentence that is not longer is returned unchanged, with its pattern."""
    return text if len(text) <= most else text[:most]
