"""Tells a person, in their language, why something was refused: the field by its name on the page, and what is wrong."""

import re
from collections.abc import Mapping

from functions.web.rendering import labels
from ocello.adapters import language
from ocello.domain.common.errors import Invalid, NotQueued, OcelloError, Unavailable

SILENT = "A part of the service does not answer. Try again in a moment."
_PLACES = re.compile(r"\[\d+\]")


def words(lang: str, error: OcelloError, names: Mapping[str, str] | None = None) -> str:
    """Return the words for an error.

    `names` are a page's own names of fields, already translated, if they are not those of `labels`. The text of
    Unavailable is for the operator and is not shown, unless it says what happened to a mail.
    """
    if isinstance(error, Unavailable) and not isinstance(error, NotQueued):
        return language.say(lang, SILENT)
    if not isinstance(error, Invalid):
        return language.say(lang, error.text)
    name = (names or {}).get(error.field) or field_name(lang, error.field)
    reason = language.say(lang, error.reason)
    return f"{name}: {reason}" if name else reason


def field_name(lang: str, field: str) -> str:
    """Return the name of a form's field, `groups[1]` as `groups`; empty for a field that no page has."""
    plain = _PLACES.sub("", field)
    name = labels.FIELDS.get(plain) or labels.FIELDS.get(plain.partition(".")[0])
    return language.say(lang, name) if name else ""
