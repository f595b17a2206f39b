"""Reads a function's settings from its environment, failing at start with the name of what is missing.

Each function declares its settings as a `typing.NamedTuple` in `functions/<name>/settings.py`: immutable, typed, and
without the 8 ms that importing `dataclasses` costs the hot function. A field `hits_table: str` reads `HITS_TABLE`;
a field with a default may be absent. A field whose name ends in `_origin` is an origin, spelled in one way: small letters, and
no slash at its end, since paths are put behind it. Nothing else in Ocello reads the environment.
"""

from collections.abc import Mapping


class SettingsError(Exception):
    """A setting that is missing or malformed; the text names it and never shows its value."""


_ORIGIN = "_ORIGIN"
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def _parse(name: str, kind: type, text: str) -> object:
    if kind is bool:
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise SettingsError(f"{name} must be true or false")
    if choices := getattr(kind, "__args__", ()):  # a Literal; `typing` itself is not imported here
        chosen = "true" if text.lower() in _TRUE else "false" if text.lower() in _FALSE else text.lower()
        if chosen not in choices:
            raise SettingsError(f"{name} must be one of {', '.join(choices)}")
        return chosen
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            raise SettingsError(f"{name} must be a number") from None
    return _origin(name, text) if name.endswith(_ORIGIN) else text


def _origin(name: str, text: str) -> str:
    origin = text.strip().rstrip("/").lower()
    scheme, separator, host = origin.partition("://")
    if scheme not in ("http", "https") or not separator or not host or any(each in host for each in "/?#@\\ "):
        raise SettingsError(f"{name} must be an origin, such as https://links.example.com")
    return origin


def read[T](settings: type[T], environment: Mapping[str, str]) -> T:
    """Make `settings` (a NamedTuple class of str, int, float, bool and Literal fields) from `environment`.

    Raises SettingsError naming every variable that is missing, or the first that is malformed.
    """
    defaults: dict[str, object] = getattr(settings, "_field_defaults", {})
    values: dict[str, object] = {}
    missing: list[str] = []
    for field, kind in settings.__annotations__.items():
        name = field.upper()
        text = environment.get(name)
        if text is None or (text == "" and field in defaults):
            if field not in defaults:
                missing.append(name)
            else:
                values[field] = defaults[field]
        else:
            values[field] = _parse(name, kind, text)
    if missing:
        raise SettingsError(f"missing in the environment: {', '.join(missing)}")
    return settings(**values)
