"""Serves the application's own scripts and styles, at addresses that change with their content."""

import hashlib
import mimetypes
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path

from functions.web import compression
from functions.web.http import Answer

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
PREFIX = "/app/static/"


@cache
def files() -> dict[str, bytes]:
    """Return the content of every static file, by its path below the folder."""
    found = {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in _FOLDER.rglob("*") if path.is_file()}
    return {name: _lean(content) if name.endswith(".css") else content for name, content in sorted(found.items())}


def _lean(sheet: bytes) -> bytes:
    """Return a style sheet of ours without comments and the white space around its marks, as it goes over the wire."""
    return re.sub(rb"\s*([{};,])\s*", rb"\1", re.sub(rb"(?s)/\*.*?\*/", b"", sheet)).strip()


@cache
def version() -> str:
    """Return a text that names the present content of all files together."""
    whole = hashlib.sha256()
    for name, content in files().items():
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:16]


def address(name: str) -> str:
    """Return the address of a file. Raises KeyError for one that is not there."""
    if name not in files():
        raise KeyError(name)
    return f"{PREFIX}{version()}/{name}"


def serve(path: str) -> Answer | None:
    """Answer a path below the prefix; None if there is no such file."""
    request, _, name = path.removeprefix(PREFIX).partition("/")
    content = files().get(name)
    if content is None:
        return None
    kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "text/plain; charset=utf-8"
    keep = "public, max-age=31536000, immutable" if request == version() else "no-cache"
    return Answer(content, HTTPStatus.OK, kind, {"Cache-Control": keep}, packed=_packed(name))


@cache
def _packed(name: str) -> bytes:
    return compression.pack(files()[name], file=True)
