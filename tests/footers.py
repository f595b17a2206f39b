"""Takes the footer out of a copy, to compare the rest with the original."""

import re

_HTML = re.compile(
    rb"\r?\n<div lang=(?:3D)?\"(?:it|fr|en)\" dir=(?:3D)?\"ltr\" (?:(?!</div>).)*/p/(?:(?!</div>).)*</div>\r?\n",
    re.DOTALL,
)


def without_footer(raw: bytes) -> bytes:
    """Return a copy whose one body is HTML without its footer; soft line breaks of quoted-printable may be gone."""
    rest, count = _HTML.subn(b"", raw)
    assert count == 1, f"{count} footers"
    return rest
