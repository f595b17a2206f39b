"""Examples for the suites of ports: messages, audit entries, and whole lists read by pages."""

from collections.abc import Callable
from dataclasses import replace

from ocello.domain.common import ids
from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef, Link, Mailbox, Message, Report, Untracked, number_recipients
from ocello.domain.people.audit import AuditEntry, new_entry
from ocello.domain.people.users import User
from ocello.services.common.ports import Page
from ocello.services.items.ports import Viewer
from ocello.services.sending.ports import StoredMessage

NOW = 1_764_000_000_000
BOSS = User("boss", "boss@example.test", admin=True)
REP, OTHER = Viewer("u1", "rep@example.test", ("sales",)), Viewer("u2", "other@example.test", ())
DEAL, LEAD, ANN = ItemRef("deal", "42;Ä"), ItemRef("lead", "7"), ItemRef("person", "7")


def note(number: int = 0, action: str = "user.disabled") -> AuditEntry:
    """Make an entry of the audit trail."""
    return new_entry(NOW + number, BOSS, action, f"target {number}", "before", "after", by_key=True)  # type: ignore[arg-type]  # any action


def stored(n: int = 0, owner: str = "u1", *, tracked: bool = True, links: int = 1, **other: object) -> StoredMessage:
    """Return the `n`th message, `n` milliseconds later, with all fields filled."""
    given: dict[str, object] = {
        "id": ids.uuid7(NOW + n, owner.encode().rjust(10)),
        "owner": owner,
        "message_id": f"<{n}@example.test>",
        "conversation_id": f"c{n}",
        "sender": Mailbox("rep@example.test", "Rép"),
        "subject": "Öffer",
        "created_at": NOW + n,
        "track_opens": tracked,
        "track_clicks": tracked,
        "items": (DEAL, LEAD),
        "linked_since": ((LEAD, NOW + 5),),
        "in_reply_to": "<p@customer.test>",
        "references": ("<r@customer.test>", "<p@customer.test>"),
        "size": 123,
        "request_digest": "d",
        "excepted": ("https://example.com/terms",) if tracked else (),
        "never_track": ("own.test",) if tracked else (),
    }
    message = Message(**given | other)  # type: ignore[arg-type]  # fields of a message, each of its own type
    report = Report(
        tuple(Link(i, f"https://example.com/{i}?{'x' * 40}{i * 7919}", "the offer") for i in range(links)),
        (Untracked("link", "mailto:a@example.com", "scheme"),),
    )
    recipients = number_recipients(
        [Mailbox("a@customer.test")], [Mailbox("b@customer.test", "B")], [Mailbox("c@customer.test")]
    )
    return StoredMessage(message, recipients, report, None)


def everything[T](page: Callable[[str | None], Page[T]], limit: int) -> list[T]:
    """Read a list page by page to its end; no page may hold more than `limit`."""
    found: list[T] = []
    cursor = None
    while True:
        part = page(cursor)
        assert len(part.items) <= limit
        found += part.items
        if (cursor := part.next) is None:
            return found


def item(ref: ItemRef = DEAL, title: str = "Bicicletté per Roma", **other: object) -> Item:
    """Return an item of REP's, at its first version."""
    usual: dict[str, object] = {
        "owner": REP.address,
        "visibility": "owner",
        "maker": "u1",
        "made_at": NOW,
        "changed_at": NOW,
        "version": 1,
    }
    return Item(ref, title, **usual | other)  # type: ignore[arg-type]  # fields of an item, each of its own type


def later(before: Item, **changes: object) -> Item:
    """Return an item's next version."""
    return replace(before, version=before.version + 1, **changes)  # type: ignore[arg-type]  # as above
