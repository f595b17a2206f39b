"""Four weeks of a sales team: what they sell, what they wrote, and what their buyers did with it.

It is written by the same services as everything else, into the given stores, with dates in the past. Writing it again
with the same `now` changes nothing.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from infra.local.mailbox import clients
from infra.local.mailbox.clients import CLIENTS
from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.consent.ledger import Confirmation, ConsentChannel, ConsentEventName, ConsentNotice
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.crm.items import ItemInput
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.drafts import DraftContent, StoredDraft
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import User
from ocello.domain.tracking.hits import KEPT_HEADERS, Hit
from ocello.services.consent.consents import Consents, Said
from ocello.services.drafts.ports import DraftStore
from ocello.services.items.change_items import ItemWriter
from ocello.services.people.ports import UserStore
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.send import send

REP, MATE, OUTSIDER = "rep@example.test", "tom@example.test", "outsider@example.test"
TEAM = "sales"
DRAFT = "01900000-0000-7000-8000-00000000d4af"
_HOUR, _MINUTE = 3_600_000, 60_000
_AT_FIRST = 2  # acts before a user looks at a mail's alerts
_UNREAD_MS = 3 * _HOUR  # alerts younger than this are new
_NAVIGATION = {name.lower(): value for name, value in clients.NAVIGATION.items()}


class World(NamedTuple):
    """The stores to write into: `sending` uses the clock that `set_clock` sets."""

    sending: SendingPorts
    users: UserStore
    drafts: DraftStore
    consents: Consents
    set_clock: Callable[[int], None]
    deliver: Callable[[StoredMessage], None]
    record: Callable[[Hit], None]
    read_alerts: Callable[[User, int], None]  # returns a user's alerts up to a time


class Act(NamedTuple):
    """What a recipient (an index) does some minutes after the mail, with which client: opens it, or follows a link."""

    after: float
    client: str
    link: int | None = None
    recipient: int = 0
    method: Literal["GET", "HEAD"] = "GET"


class Mail(NamedTuple):
    """A mail, sent some days ago at an hour (UTC) of that day; if the days are 0, that many hours ago."""

    days: int
    hour: float
    to: str
    subject: str
    body: str
    acts: tuple[Act, ...] = ()
    items: tuple[str, ...] = ()
    cc: str = ""
    bcc: str = ""
    shared: bool = True
    tracked: bool = True
    follows: int | None = None  # the index of an earlier mail of the same sender
    sender: str = REP


ITEMS: tuple[tuple[str, str, str, str, str, dict[str, Any]], ...] = (  # type, id, title, owner, who sees it, the rest
    ("organization", "9", "Acme S.p.A.", REP, "group", {}),
    ("organization", "12", "Officine Bianchi", REP, "group", {}),
    ("person", "77", "Maria Rossi", REP, "group", {"organization": "9", "addresses": ("maria@acme.test",)}),
    ("person", "78", "Ugo Bianchi", REP, "group", {"organization": "12", "addresses": ("ugo@officine.test",)}),
    ("person", "79", "Ines Moreau", REP, "group", {"addresses": ("ines@moreau.test",)}),
    ("deal", "1042", "New press for Acme", REP, "group", {"person": "77", "organization": "9"}),
    ("deal", "1043", "Spare parts, line 2", REP, "group", {"person": "78", "organization": "12"}),
    ("deal", "1044", "Acme: price floor", REP, "owner", {"organization": "9"}),
    ("lead", "311", "Tom Baker, met at the fair", MATE, "group", {}),
    ("project", "58", "Installation at Bianchi", MATE, "group", {"organization": "12"}),
    ("deal", "2001", "Something of one's own", OUTSIDER, "owner", {}),
)

_OFFER = (
    '<p>Dear {name},</p><p>as promised, here is <a href="https://example.com/offer">our offer</a> with the '
    '<a href="https://example.com/terms">terms</a>.</p><ul><li>delivery in two weeks</li><li>two years of service</li></ul>'
    "<p>Kind regards,<br>{me}</p>"
)
_NOTE = (
    "<p>Dear {name},</p><p>does Thursday at ten suit you? Here is "
    '<a href="https://example.com/calendar">my calendar</a>.</p><p>Kind regards,<br>{me}</p>'
)
_CATALOGUE = (
    "<p>Dear {name},</p><p>our new catalogue is out:</p><ul>"
    '<li><a href="https://example.com/c/pumps">Pumps</a></li><li><a href="https://example.com/c/valves">Valves</a></li>'
    '<li><a href="https://example.com/c/filters">Filters</a></li><li><a href="https://example.com/c/seals">Seals</a></li>'
    '<li><a href="https://example.com/c/service">Service</a></li></ul><p>Kind regards,<br>{me}</p>'
)


def _scan() -> Iterator[Act]:
    """Return a gateway's hits: the pixel, and half a minute later all five links within a second."""
    yield Act(0.4, "scanner")
    for link in range(5):
        yield Act(0.9 + link * 0.003, "scanner", link)


MAILS = (
    Mail(27, 8.2, "Ugo Bianchi <ugo@officine.test>", "Maintenance contract 2027", _OFFER,
         (Act(48, "gmail"), Act(50, "gmail", 0), Act(1475, "gmail")), ("deal:1043",)),
    Mail(24, 13.1, "info@northwind.test", "Catalogue 2027", _CATALOGUE, tuple(_scan())),
    Mail(21, 9.4, "Ines Moreau <ines@moreau.test>", "Your visit in June", _NOTE, (Act(12, "outlook"), Act(13, "outlook", 0))),
    Mail(18, 10.0, "Tom Baker <tom@baker.test>", "It was good to meet you", _NOTE, (Act(190, "yahoo"),), ("lead:311",)),
    Mail(14, 9.0, "Ugo Bianchi <ugo@officine.test>", "Spare parts for line 2", _OFFER,
         (Act(25, "gmail"), Act(26, "gmail", 0), Act(310, "gmail"), Act(1710, "gmail")), ("deal:1043",)),
    Mail(12, 15.3, "refuse@oldpress.test", "Are you still there?", _NOTE),
    Mail(9, 8.1, "Helga Huber <helga@huber.test>", "Catalogue 2027", _CATALOGUE, (Act(2, "apple-private"),)),
    Mail(6, 14.0, "Maria Rossi <maria@acme.test>", "Minutes of our meeting", _OFFER,
         (Act(35, "outlook"), Act(52, "gmail", recipient=1), Act(54, "gmail", 0, recipient=1), Act(1200, "outlook")),
         ("deal:1042",), cc="Paolo Verdi <paolo@acme.test>", bcc="boss@example.test"),
    Mail(5, 9.2, "Legal <legal@acme.test>", "Contract, signed", _NOTE, items=("deal:1042",), shared=False, tracked=False),
    Mail(3, 10.1, "Maria Rossi <maria@acme.test>", "Offer for the new press", _OFFER,
         (Act(4, "gmail"), Act(5, "gmail", 0), Act(118, "gmail"), Act(1330, "gmail"), Act(1331, "gmail", 1)), ("deal:1042",)),
    Mail(2, 16.0, "Maria Rossi <maria@acme.test>", "How far we could go", _OFFER, (Act(14, "gmail"),),
         ("deal:1042", "deal:1044")),
    Mail(1, 9.0, "Maria Rossi <maria@acme.test>", "Re: Offer for the new press", _NOTE,
         (Act(31, "gmail"), Act(33, "gmail", 0)), ("deal:1042",), follows=9),
    Mail(0, 5.0, "Tom Baker <tom@baker.test>", "A question on your tender", _NOTE, (), ("lead:311",)),
    Mail(0, 3.6, "purchasing@harbour.test", "Catalogue 2027", _CATALOGUE, tuple(_scan())),
    Mail(0, 2.0, "Ines Moreau <ines@moreau.test>", "Delivery dates", _OFFER, (Act(80, "gmail"), Act(95, "gmail", 0))),
    Mail(26, 9.0, "Anna Koch <anna@koch.test>", "Catalogue 2027", _CATALOGUE, (Act(70, "gmail"),), sender=MATE),
    Mail(19, 14.5, "Lars Holm <lars@holm.test>", "Our offer", _OFFER, (Act(22, "outlook"), Act(25, "outlook", 0)), sender=MATE),
    Mail(11, 10.5, "Ugo Bianchi <ugo@officine.test>", "Plan of the installation", _OFFER,
         (Act(16, "gmail"), Act(17, "gmail", 1)), ("project:58",), sender=MATE),
    Mail(4, 9.6, "Anna Koch <anna@koch.test>", "Your questions", _NOTE, (Act(3, "apple-private"),), sender=MATE),
    Mail(1, 13.0, "Tom Baker <tom@baker.test>", "Tender: our offer", _OFFER, (Act(41, "gmail"),), ("lead:311",), sender=MATE),
)  # fmt: skip


class Word(NamedTuple):
    """What somebody said of being tracked, some days ago."""

    days: int
    address: str
    event: ConsentEventName
    axes: tuple[Axis, ...] = AXES
    channel: ConsentChannel = "double_opt_in"
    actor: str = ""
    source: str = ""


# Nobody who refused or withdrew has a tracked mail above: what was recorded of these mails does not depend on it.
WORDS = (
    Word(39, "maria@acme.test", "requested", channel="api", actor=REP),
    Word(39, "maria@acme.test", "granted"),
    Word(38, "ugo@officine.test", "granted"),
    Word(37, "paolo@acme.test", "granted", ("opens",), "form", source="form of the fair in Parma"),
    Word(36, "otto@huber.test", "granted"),
    Word(35, "helga@huber.test", "imported", ("opens",), "import", REP, "fair-2026.csv"),
    Word(30, "ines@moreau.test", "granted", ("links",), "spoken", REP, "yes, you may see which links I follow"),
    Word(28, "legal@acme.test", "refused", channel="page"),
    Word(20, "tom@baker.test", "requested", channel="api", actor=REP),
    Word(2, "otto@huber.test", "withdrawn", channel="page"),
)
_SHOWN = ConsentNotice("demo", "1", "en", hashlib.sha256(b"May we count when you open our mail?").hexdigest())


def _say(word: Word, now: int, world: World) -> None:
    at = now - word.days * DAY_MS + (_HOUR if word.event == "granted" else 0)
    world.set_clock(at)
    world.consents.record(
        Said(
            word.address,
            dict.fromkeys(word.axes, word.event),
            word.channel,
            at,
            word.actor,
            word.source,
            notice=None if word.channel in ("page", "spoken") else _SHOWN,
            confirmation=Confirmation("demo") if word.channel == "double_opt_in" else None,
        )
    )


def tell(now: int, world: World) -> list[StoredMessage]:
    """Write the story as it is at `now` (ms); return its messages in the order of MAILS. Raises Unavailable."""
    people = {address: _person(address, world) for address in (REP, MATE, OUTSIDER)}
    world.set_clock(now - 40 * DAY_MS)
    for kind, identifier, title, owner, visibility, more in ITEMS:
        group = TEAM if visibility == "group" else None
        given = ItemInput(title, visibility=visibility, group=group, **more)
        ItemWriter(world.sending.items, world.users, world.sending.clock).write(
            people[owner], ItemRef(kind, identifier), given
        )
    for word in WORDS:
        _say(word, now, world)
    sent: list[StoredMessage] = []
    for place, mail in enumerate(MAILS):
        sent.append(_sent(place, mail, now, people[mail.sender], sent, world))
    for stored, mail in zip(
        sent, MAILS, strict=True
    ):  # later, so that a hit that looked like a person's first rings and is then withdrawn
        _play(stored, mail, range(_AT_FIRST, len(mail.acts)), world)
    world.read_alerts(people[REP], now - _UNREAD_MS)
    half = DraftContent(
        to="Otto Huber <otto@huber.test>",
        subject="Half an offer",
        html=_OFFER.format(name="Otto", me=people[REP].name),
        opens=True,
        clicks=True,
    )
    world.drafts.write(people[REP].id, StoredDraft(DRAFT, 1, now - _HOUR, half), None)
    return sent


def _person(address: str, world: World) -> User:
    found = world.users.by_address(address)
    if found is None:
        raise LookupError(address)
    return found


def _sent(place: int, mail: Mail, now: int, sender: User, earlier: list[StoredMessage], world: World) -> StoredMessage:
    at = now - round(mail.hour * _HOUR) if mail.days == 0 else _hour_of_day(now, mail.days, mail.hour)
    world.set_clock(at)
    name, known, _ = mail.to.partition(" ")
    html = mail.body.format(name=name if known else "all", me=sender.name)
    draft = Draft(
        to=(mail.to,),
        cc=(mail.cc,) if mail.cc else (),
        bcc=(mail.bcc,) if mail.bcc else (),
        subject=mail.subject,
        html=f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{html}</body></html>\n',
        track=Track(mail.tracked, mail.tracked),
        visibility="shared" if mail.shared else "private",
        items=tuple(ItemRef(*spelled.split(":")) for spelled in mail.items),
        in_reply_to=None if mail.follows is None else earlier[mail.follows].message.message_id,
    )
    stored = send(draft, sender, f"story {now} {place}", world.sending)
    world.deliver(stored)
    _play(stored, mail, range(min(_AT_FIRST, len(mail.acts))), world)
    return stored


def _play(stored: StoredMessage, mail: Mail, acts: range, world: World) -> None:
    """Record some of a mail's acts, as far as the copy of whoever acted is tracked."""
    for number in acts:
        act = mail.acts[number]
        if (
            stored.message.modes_of(stored.recipients[act.recipient]).of_individuals.of(
                "opens" if act.link is None else "links"
            )
            == "off"
        ):
            continue
        at = stored.message.created_at + round(act.after * _MINUTE)
        world.record(_hit(stored.message.id, f"story-{number}", at, act))


def _hour_of_day(now: int, days: int, hour: float) -> int:
    return day_start(day_of(now - days * DAY_MS)) + round(hour * _HOUR)


def _hit(message: str, request: str, at: int, act: Act) -> Hit:
    client = CLIENTS[act.client]
    follows = act.link is not None
    navigated = follows and act.client != "scanner"
    return Hit(
        message=message,
        at=at,
        request=request,
        kind="click" if follows else "open",
        recipient=act.recipient,
        link=act.link,
        method=act.method,
        address=client.home if follows else client.address,
        agent=client.links if follows else client.images,
        headers={name: said for name, said in _NAVIGATION.items() if name in KEPT_HEADERS} if navigated else {},
        flags=0,
    )
