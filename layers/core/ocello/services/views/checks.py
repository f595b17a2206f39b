"""What the composer shows before a mail is sent: what will be tracked of it, and what can be known then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Conflict, Invalid, TooLarge
from ocello.domain.consent.telling import RecipientCounts, count
from ocello.domain.engagement.uncertainty import WhyOff, why_off
from ocello.domain.mail.compose import Draft
from ocello.domain.people.users import TrackingSettings, User
from ocello.services.consent.deciding import choice_of
from ocello.services.domains.forecast import AddressForecast, MailForecasts
from ocello.services.inbox.contacts import ContactBook
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.precheck import NOTHING, Precheck, precheck


class CheckView(NamedTuple):
    """What was found of a draft, or why it cannot be sent (`refusal`); `settings` are the user's.

    `partly` are the recipients of whom opens or clicks are not tracked, with the reasons; `names` are those of persons
    at addresses behind which several people may be.
    """

    found: Precheck | None
    refusal: Conflict | Invalid | TooLarge | None
    counts: RecipientCounts
    partly: Sequence[tuple[str, WhyOff]]
    forecasts: Sequence[AddressForecast]
    names: Mapping[str, str]
    settings: TrackingSettings


@dataclass(frozen=True, slots=True)
class CheckViews:
    """What the composer shows to a user before a mail is sent."""

    sending: SendingPorts
    forecasts: MailForecasts
    contacts: ContactBook

    def read(self, user: User, draft: Draft) -> CheckView:
        """Check a draft as sending would, and store nothing."""
        settings = self.sending.settings.read(user.id)
        try:
            found = precheck(draft, user, self.sending)
        except (Invalid, Conflict, TooLarge) as error:
            return CheckView(None, error, count(()), (), (), {}, settings)
        choice = choice_of(draft.track or NOTHING, settings)
        return CheckView(
            found=found,
            refusal=None,
            counts=count(each.tracking for each in found.recipients if each.tracking is not None),
            partly=[
                (each.mailbox.address, off)
                for each in found.recipients
                if not each.untracked
                and any(off := why_off(each, opens=choice.wants("opens"), clicks=choice.wants("links")))
            ],
            forecasts=self.forecasts.by_domain(found.tracked),
            names=self.contacts.names(user, found.groups),
            settings=settings,
        )
