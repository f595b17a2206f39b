"""Which consent follows from what was said, for each purpose, and when a person may be asked again."""

from collections.abc import Collection
from typing import Literal, NamedTuple

from ocello.domain.common.errors import Conflict
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.ladder import Consent
from ocello.domain.consent.ledger import CLOSING, GRANTING, LedgerEntry
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.rules import ConsentState

PAUSE_DAYS = 184  # the longest six months: CNIL asks for six of them after no answer (delib. 2026-042)
CLOSED: frozenset[ConsentState] = frozenset({"refused", "withdrawn"})


class AxisConsent(NamedTuple):
    """What is known for one purpose: since when (ms), by which entry of the ledger, and whether the person said it themself.

    `valid_until` (ms) ends a grant, 0 for one without end; `asked` is when the person was last asked, or did not answer.
    """

    state: ConsentState = "unknown"
    at: int = 0
    entry: str = ""
    own: bool = False
    valid_until: int = 0
    asked: int = 0

    def known(self, now: int) -> ConsentState:
        """Return the state as it holds now: a grant that has ended is unknown."""
        return "unknown" if self.state == "granted" and 0 < self.valid_until <= now else self.state


class SubjectConsent(NamedTuple):
    """What is known of a person, and the version of its row, 0 before there is one."""

    opens: AxisConsent = AxisConsent()
    links: AxisConsent = AxisConsent()
    version: int = 0

    def of(self, axis: Axis) -> AxisConsent:
        """Return what is known for one purpose."""
        return self.opens if axis == "opens" else self.links

    def known(self, now: int) -> Consent:
        """Return both states as they hold now, as the ladder takes them."""
        return Consent(self.opens.known(now), self.links.known(now))

    def closed(self) -> frozenset[Axis]:
        """Return the purposes that are refused or withdrawn."""
        return frozenset(axis for axis in AXES if self.of(axis).state in CLOSED)

    def after(self, entry: LedgerEntry) -> "SubjectConsent | None":
        """Return what is known after an entry; None where it says nothing new. Raises Conflict where it may not be said."""
        changed = after(self.of(entry.purpose), entry)
        if changed is None:
            return None
        return self._replace(opens=changed) if entry.purpose == "opens" else self._replace(links=changed)


def after(before: AxisConsent, entry: LedgerEntry) -> AxisConsent | None:
    """Return what is known for a purpose after an entry; None where it says nothing new.

    What was said last holds. Nobody lifts a person's own refusal for them, not even with an earlier or a later time:
    raises Conflict. A refusal that arrives late holds against what others had said since.
    """
    if entry.event in ("requested", "no_answer"):
        return None if entry.at <= before.asked else before._replace(asked=entry.at)
    closed = before.state in CLOSED
    if entry.event in CLOSING:
        if closed and (before.own or not entry.own):
            return None
        overtaken = entry.at < before.at and (before.own or not entry.own)
        return (
            before if overtaken else _changed(before, "refused" if entry.event != "withdrawn" else "withdrawn", entry)
        )
    if closed and before.own and not entry.own:
        raise Conflict("this person refused or withdrew it themself: only they can allow it")
    if entry.event == "corrected" and before.state == "unknown":
        return None
    if entry.at < before.at or (closed and entry.at == before.at):
        return before
    return _changed(before, "granted" if entry.event in GRANTING else "unknown", entry)


def stopping(consent: AxisConsent, now: int, *, objecting: bool) -> Literal["withdrawn", "refused", "objected"]:
    """Return which event it is that a person says *stop*; `objecting` where tracking rests on no consent."""
    if consent.known(now) == "granted":
        return "withdrawn"
    return "objected" if objecting else "refused"


def obstacle(consent: SubjectConsent, axes: Collection[Axis], now: int) -> Literal["refused", "recently-asked"] | None:
    """Return why a person may not be asked for these purposes now; None where they may be."""
    if consent.closed() & set(axes):
        return "refused"
    asked = max((consent.of(axis).asked for axis in axes), default=0)
    return "recently-asked" if asked and now < asked + PAUSE_DAYS * DAY_MS else None


def _changed(before: AxisConsent, state: ConsentState, entry: LedgerEntry) -> AxisConsent:
    until = entry.valid_until if state == "granted" else 0
    return AxisConsent(state, entry.at, entry.id, entry.own, until, before.asked)
