"""What the page of one address's consent shows: what is known, how it came, what was said, and whether one may ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Conflict, Invalid
from ocello.domain.consent.countries import country_of
from ocello.domain.consent.ledger import LedgerEntry
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.notices import NoticeLanguage, language_for
from ocello.domain.consent.rules import ConsentState
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.people.accounts import plain_address
from ocello.domain.people.users import Principal
from ocello.services.common.ports import Page
from ocello.services.consent.asking.ask import Asking
from ocello.services.consent.consents import Consents
from ocello.services.consent.deciding import TrackingDecisions

_SAID = 25  # lines of the history on a page
_LOOKED_AT = 50  # newest lines among which the one is found from which a state follows


class PurposeState(NamedTuple):
    """What is known of one purpose: since when (ms; 0: nothing), by which line, and when the person was last asked (ms)."""

    state: ConsentState
    at: int
    entry: LedgerEntry | None
    asked: int


class ConsentView(NamedTuple):
    """What is known of an address. `hindrance` is why the user cannot ask now, `open` which purposes can be asked."""

    address: str
    states: Mapping[Axis, PurposeState]
    said: Page[LedgerEntry]
    hindrance: Invalid | Conflict | None
    open: Sequence[Axis]
    language: NoticeLanguage


@dataclass(frozen=True, slots=True)
class ConsentViews:
    """What is shown of people's consent."""

    consents: Consents
    asking: Asking
    decisions: TrackingDecisions

    def read(self, principal: Principal, address: str, cursor: str | None) -> ConsentView:
        """Return what is known of an address, with a page of what was said. Raises Invalid and Unavailable."""
        plain = plain_address("address", address)
        consent = self.consents.state(plain)
        country = country_of(plain, workspace=self.decisions.country)
        said = self.consents.history(plain, _SAID, cursor)
        states = self._states(plain, consent)
        return ConsentView(
            plain,
            states,
            said,
            self.asking.hindrance(principal, plain),
            [axis for axis in AXES if states[axis].state == "unknown"],
            language_for(country, workspace=self.decisions.language),
        )

    def states(self, addresses: Sequence[str]) -> Mapping[str, Mapping[Axis, PurposeState]]:
        """Return what is known of each address. Raises Unavailable."""
        return {
            address: self._states(address, consent) for address, consent in self.decisions.known_of(addresses).items()
        }

    def _states(self, address: str, consent: SubjectConsent) -> Mapping[Axis, PurposeState]:
        """Return each purpose's state, with the line of the ledger from which it follows if that is among the newest."""
        known = any(consent.of(axis).entry for axis in AXES)
        newest = self.consents.history(address, _LOOKED_AT).items if known else ()
        return purpose_states(consent, self.consents.clock(), newest)


def purpose_states(consent: SubjectConsent, now: int, lines: Sequence[LedgerEntry] = ()) -> Mapping[Axis, PurposeState]:
    """Return each purpose's state, with the line from which it follows, if it is among `lines`."""
    by_id = {entry.id: entry for entry in lines}
    found: dict[Axis, PurposeState] = {}
    for axis in AXES:
        one = consent.of(axis)
        state = one.known(now)
        known = state != "unknown"
        found[axis] = PurposeState(state, one.at if known else 0, by_id.get(one.entry) if known else None, one.asked)
    return found
