"""Reads the texts that recipients are shown, one file each, in `notices` beside this module."""

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ocello.adapters.consent.files import ReadLate, toml
from ocello.domain.consent.notices import NOTICE_LANGUAGES, NoticeLanguage, NoticeText, notice_text

FOLDER = Path(__file__).with_name("notices")
CURRENT: Mapping[str, str] = MappingProxyType(
    {"page": "3", "footer": "1", "asking": "1", "rights": "1"}
)  # the version that is shown now


def current(name: str) -> str:
    """Name the present version of a text, as the ledger and the periods of rules do."""
    return f"{name}/{CURRENT[name]}"


@functools.cache
def texts(name: str) -> Mapping[NoticeLanguage, NoticeText]:
    """Return the present version of a text in each language. A lookup raises ValueError for a file that is wrong."""
    version = CURRENT[name]
    return ReadLate(NOTICE_LANGUAGES, lambda language: _read(f"{name}-{version}.{language}"))


@functools.cache
def every_version() -> tuple[NoticeText, ...]:
    """Return each text of every version that was ever shown."""
    return tuple(_read(path.name.removesuffix(".toml")) for path in sorted(FOLDER.glob("*-*.toml")))


@functools.cache
def shown_texts() -> Mapping[str, str]:
    """Return those texts, whole, by the SHA-256 of their UTF-8 bytes in hex."""
    return MappingProxyType({each.notice.sha256: each.whole() for each in every_version()})


@functools.cache
def page_words(language: NoticeLanguage) -> Mapping[str, str]:
    """Return what the recipient's page says beside its text: names of states, buttons' answers, errors."""
    words: Mapping[str, str] = toml(FOLDER / f"words.{language}.toml")
    return words


def _read(stem: str) -> NoticeText:
    found = notice_text(toml(FOLDER / f"{stem}.toml"))
    if f"{found.id}-{found.version}.{found.language}" != stem:
        raise ValueError(f"{stem}.toml holds {found.id} {found.version} in {found.language}")
    return found
