"""Published mail: e-mail HTML and CPython's own message files, fetched when first needed."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from infra.tools import fetch

_PACKAGES = (
    (
        fetch.npm,
        "bootstrap-email",
        "1.2.9",
        "sha512-fxpfaMrHmG8SNz/zjN34PBNyeu7pARzuDvWLWR28eeJwXtON5qNE+DuuL4JXKIxuk6pfSVtUAzFM/xzdJggNPw==",
    ),
    (
        fetch.npm,
        "foundation-emails",
        "2.5.1",
        "sha512-1Yp9MbN8qJZrLUXMyQ5clLm+Ea663J7cSc//Y8EfCM21IkD7N2xYB7vRlSnnQy3fIB3TnI25IpW2VJHqXm9UkA==",
    ),
    (fetch.sdist, "mjml", "0.12.0", "614397e624b115d78f9064d0f8aabceda3b522785eca8c2818ee03ffa8fdbf37"),
)


def mails() -> Iterator[tuple[str, bytes]]:
    """Return those of the HTML files that are mail, without the packages' own manuals."""
    return ((name, document) for name, document in html_files() if "/docs/" not in name)


def html_files() -> Iterator[tuple[str, bytes]]:
    """Return name and bytes of every published HTML file."""
    for fetched, name, version, pinned in _PACKAGES:
        home = fetched(name, version, pinned)
        for path in sorted(home.rglob("*.html")):
            yield str(path.relative_to(home.parent)), path.read_bytes()


def message_files() -> Iterator[tuple[str, bytes]]:
    """Return name and bytes of every message file of CPython's tests."""
    for path in sorted(_cpython_messages().glob("msg_*.txt")):
        yield path.name, path.read_bytes()


def _cpython_messages() -> Path:
    """Return them from the interpreter's folder, or from Debian's package of its tests."""
    test = importlib.util.find_spec("test")
    for place in (test.submodule_search_locations or []) if test else []:
        data = Path(place, "test_email", "data")
        if data.is_dir():
            return data
    home = fetch.debian("libpython3.11-testsuite")
    return home / "usr/lib/python3.11/test/test_email/data"
