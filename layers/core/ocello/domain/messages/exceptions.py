"""What a user excludes from tracking: single addresses in one mail, and domains in all mails."""

from collections.abc import Sequence

from ocello.domain.common import hosts
from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.mail import addresses as mailboxes
from ocello.domain.mail.rewriting.context import MAX_TARGET

MAX_ADDRESSES, MAX_BYTES = 200, 100_000  # of one message: they are stored in its row
MAX_DOMAINS = 100


def addresses(field: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses to leave untracked in one mail, each once. Raise Invalid.

    They are compared with links' targets exactly, so none is changed; those too long to be tracked are dropped.
    """
    for place, address in enumerate(texts):
        if any("\ud800" <= char <= "\udfff" for char in address):
            raise Invalid(f"{field}[{place}]", "must be Unicode text without NUL")
    unique = tuple(dict.fromkeys(each for each in texts if 0 < len(each.encode()) <= MAX_TARGET))
    if len(unique) > MAX_ADDRESSES:
        raise Invalid(field, Text("must be at most %(most)s", most=MAX_ADDRESSES))
    if sum(len(each.encode()) for each in unique) > MAX_BYTES:
        raise Invalid(field, Text("must be at most %(most)s bytes in all", most=MAX_BYTES))
    return unique


def domains(field: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the domains never to track, in the form of `hosts.normalized`, each once and sorted. Raise Invalid."""
    unique = tuple(sorted({_domain(f"{field}[{place}]", text) for place, text in enumerate(texts)}))
    if len(unique) > MAX_DOMAINS:
        raise Invalid(field, Text("must be at most %(most)s", most=MAX_DOMAINS))
    return unique


def _domain(field: str, text: str) -> str:
    """Return a domain, which may be written as `*.example.com`, `@example.com` or a web address."""
    name = text.strip()
    name = hosts.host_of(name) or name.removeprefix("*").lstrip(".@").rstrip(".").lower()
    try:
        return hosts.normalized(mailboxes.domain_of(mailboxes.parse(field, f"x@{name}").address))
    except Invalid:
        raise Invalid(field, Text("must be a domain such as example.com, not “%(name)s”", name=text[:100])) from None
