"""What the composer shows before a mail is sent: what will be tracked of it, and what can be known then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Conflict, Invalid, TooLarge
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.notices import NOTICE_LANGUAGES, NoticeLanguage
from ocello.domain.consent.states import SubjectConsent, obstacle
from ocello.domain.consent.telling import RecipientCounts, count
from ocello.domain.engagement.uncertainty import WhyOff, why_off
from ocello.domain.mail.compose import Draft
from ocello.domain.messages.message import Recipient
from ocello.domain.people.users import TrackingSettings, User
from ocello.services.consent.deciding import Choice, choice_of
from ocello.services.domains.forecast import AddressForecast, MailForecasts
from ocello.services.inbox.contacts import ContactBook
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.precheck import NOTHING, Precheck, precheck
from ocello.services.views.consent_pages import PurposeState, purpose_states


class PersonCheck(NamedTuple):
    """What is known of a recipient's consent, for which purposes one may ask for it now, and in which language."""

    address: str
    states: Mapping[Axis, PurposeState]
    ask: Sequence[Axis]
    language: NoticeLanguage


class CheckView(NamedTuple):
    """What was found of a draft, or why it cannot be sent (`refusal`); `settings` are the user's.

    `people` are the recipients where rules ask for their consent, `partly` those of whom opens or clicks are not tracked,
    with the reasons; `names` are those of persons at addresses behind which several people may be.
    """

    found: Precheck | None
    refusal: Conflict | Invalid | TooLarge | None
    counts: RecipientCounts
    partly: Sequence[tuple[str, WhyOff]]
    people: Sequence[PersonCheck]
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
            return CheckView(None, error, count(()), (), (), (), {}, settings)
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
            people=self._people([each for each in found.recipients if not each.untracked], choice),
            forecasts=self.forecasts.by_domain(found.tracked),
            names=self.contacts.names(user, found.groups),
            settings=settings,
        )

    def _people(self, recipients: Sequence[Recipient], choice: Choice) -> Sequence[PersonCheck]:
        """Return what is known of recipients' consent; nothing where no rules ask for it, or nothing is wanted."""
        decisions = self.sending.decisions
        if not (choice.wanted and decisions.by_country):
            return ()
        known = decisions.known_of([each.mailbox.address for each in recipients])
        now = decisions.clock()
        return [
            PersonCheck(
                each.mailbox.address,
                purpose_states(known[each.mailbox.address], now),
                _to_ask(each, known[each.mailbox.address], choice, now),
                next((known for known in NOTICE_LANGUAGES if known == each.language), decisions.language),
            )
            for each in recipients
        ]


def _to_ask(recipient: Recipient, consent: SubjectConsent, choice: Choice, now: int) -> Sequence[Axis]:
    """Return the purposes that are wanted, that the recipient's consent alone is missing for, and that may be asked now."""
    tracking = recipient.tracking
    if tracking is None or tracking.limited_by != "recipient":
        return ()
    missing = [axis for axis in AXES if choice.wants(axis) and consent.of(axis).known(now) == "unknown"]
    return missing if missing and obstacle(consent, missing, now) is None else ()
