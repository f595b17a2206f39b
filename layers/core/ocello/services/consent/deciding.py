"""Decides how each recipient of a mail is tracked: in the request that sends it, and again as the copy leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from ocello.domain.common.errors import TrackingNotPermitted
from ocello.domain.common.texts import Text
from ocello.domain.consent.countries import country_of
from ocello.domain.consent.ladder import (
    Asked,
    Consent,
    Decision,
    Level,
    NotAllowed,
    Steps,
    decide,
    for_own_user,
    forbidden,
    frozen,
    without_footer,
)
from ocello.domain.consent.modes import AXES, OFF, Axis, Mode, Modes
from ocello.domain.consent.notices import NoticeLanguage, language_for
from ocello.domain.consent.rules import RuleSet, ruling
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.consent.subjects import subject_of
from ocello.domain.messages.footers import NO_DATES, ConsentDates, consent_dates
from ocello.domain.messages.message import OWN_USER, Message, Recipient
from ocello.domain.people.users import TrackingSettings
from ocello.services.common.ports import Clock
from ocello.services.consent.ports import ConsentStates
from ocello.services.consent.workspace import InForce, WorkspaceRules

if TYPE_CHECKING:  # composing mail is what most requests do not do
    from ocello.domain.mail.compose import Track, TrackValue

_FIELDS: Mapping[Axis, str] = {"opens": "opens", "links": "clicks"}  # what requests call an axis
_WHY: Mapping[Level, str] = {
    "rules": "The rules of tracking allow no more, whatever the recipient says.",
    "workspace": "An administrator allows no more.",
    "user": "Your settings allow no more.",
    "recipient": "The recipient's consent is missing: ask for it first.",
}
_NO_PLACE = Text(
    "A mail is tracked only with a footer that leads to the recipient's choices, and this one has no place for it: it is signed, "
    "encrypted or has no text. Or ask with true: that tracks as far as is allowed."
)


class Choice(NamedTuple):
    """What a sender wants: what their settings say where the mail says nothing, what the mail says, and the axes it names."""

    user: Modes
    message: Modes
    named: tuple[Axis, ...] = ()

    @property
    def wanted(self) -> bool:
        """Return whether anything is to be tracked."""
        return any(self.wants(axis) for axis in AXES)

    def wants(self, axis: Axis) -> bool:
        """Return whether anything of one axis is to be tracked."""
        return "off" not in (self.user.of(axis), self.message.of(axis))


def choice_of(track: "Track | None", settings: TrackingSettings) -> Choice:
    """Return what a mail and its sender's settings ask for; without `track`, the settings alone decide."""
    opens, clicks = (track.opens, track.clicks) if track else (None, None)
    values = (opens, settings.track_opens), (clicks, settings.track_clicks)
    levels = [_levels(value, by_setting=by_setting) for value, by_setting in values]
    named = tuple(axis for axis, (value, _) in zip(AXES, values, strict=True) if isinstance(value, str))
    return Choice(Modes(levels[0][0], levels[1][0]), Modes(levels[0][1], levels[1][1]), named)


def _levels(value: "TrackValue | None", *, by_setting: bool) -> tuple[Mode, Mode]:
    """Return what the user's level and the message's allow on one axis: a mail that says something goes before settings."""
    return (Asked.of(by_setting).mode, "individual") if value is None else ("individual", Asked.of(value).mode)


class Countries(NamedTuple):
    """What is said of a recipient's country beside their address (ISO 3166-1): by themself, and by the linked item."""

    recipient: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class TrackingDecisions:
    """What holds in the workspace, its country, and what is known of consent; `key` is that of subjects."""

    states: ConsentStates
    key: bytes
    workspace: WorkspaceRules
    clock: Clock
    country: str = ""

    @property
    def by_country(self) -> bool:
        """Return whether a recipient's country adds rules to those of the workspace. Raises Unavailable."""
        return not self.workspace.now().no_rules

    @property
    def footers(self) -> bool:
        """Return whether mail carries a footer: under rules always, else if an administrator wants it. Raises Unavailable."""
        return self.workspace.now().footers

    @property
    def language(self) -> NoticeLanguage:
        """Return the workspace's language, which is its country's."""
        return language_for(self.country)

    def decided(
        self, recipients: Sequence[Recipient], choice: Choice, said: Mapping[int, Countries], prefix: str = "track."
    ) -> tuple[Recipient, ...]:
        """Return the recipients, each with how they are tracked; `said` holds what is said of countries, by index.

        Raises TrackingNotPermitted for the first mode that was named and is not allowed; its field is `prefix` and the
        axis. Raises Unavailable. What nobody wants tracked asks for nobody's consent.
        """
        holds, consents = self.workspace.now(), self._consents(recipients) if choice.wanted else {}
        now = self.clock()
        found: list[Recipient] = []
        for each in recipients:
            countries = said.get(each.index, Countries())
            rules = self._rules(holds, each.mailbox.address, countries)
            steps = Steps(rules, holds.modes, choice.user, choice.message)
            consent = consents[each.index].known(now) if each.index in consents else Consent()
            if each.untracked == OWN_USER:
                found.append(replace(each, tracking=for_own_user(steps)))
                continue
            refusal = forbidden(choice.message, choice.named, steps, consent)
            if refusal is not None:
                raise _not_permitted(refusal, each, prefix)
            language = self._language(each.mailbox.address, countries) if self.footers else ""
            found.append(replace(each, tracking=decide(steps, consent), language=language))
        return tuple(found)

    def known_of(self, addresses: Collection[str]) -> Mapping[str, SubjectConsent]:
        """Return what is known of each address. Raises Unavailable."""
        subjects = {address: subject_of(address, self.key) for address in addresses}
        states = self.states.of(set(subjects.values())) if subjects else {}
        return {address: states.get(subject, SubjectConsent()) for address, subject in subjects.items()}

    def again(self, message: Message, recipient: Recipient) -> Recipient:
        """Return a recipient as their copy leaves: tracked as was decided, or less, but never more. Raises Unavailable."""
        before = recipient.tracking
        if message.modes_of(recipient) == OFF:
            return recipient
        holds, consent = self.workspace.now(), self._consents([recipient])[recipient.index].known(self.clock())
        rules = self._rules(holds, recipient.mailbox.address, Countries(), before)
        if before is None:  # mail of an early release: what it asked for is the message's level
            steps = Steps(rules, holds.modes, message=message.modes_of(recipient))
            return replace(recipient, tracking=decide(steps, consent))
        return replace(recipient, tracking=frozen(before, decide(Steps(rules, holds.modes), consent)))

    def footer_dates(self, recipients: Sequence[Recipient]) -> Mapping[int, ConsentDates] | None:
        """Return the days of the recipients' consents, by index, for the footers of their copies; None: they carry none.

        Raises Unavailable.
        """
        if not self.footers:
            return None
        tracked = [each for each in recipients if each.tracking is not None and each.tracking.tracked]
        consents, now = self._consents(tracked) if tracked else {}, self.clock()
        dates = {index: consent_dates(consent, now) for index, consent in consents.items()}
        return {each.index: dates.get(each.index, NO_DATES) for each in recipients}

    def _rules(
        self, holds: InForce, address: str, countries: Countries, before: Decision | None = None
    ) -> tuple[RuleSet, ...]:
        """Return the rules that hold for an address, and those by which was decided `before`."""
        country = country_of(address, recipient=countries.recipient, item=countries.item, workspace=self.country)
        known = self.workspace.known
        rules = [each for held in holds.rules for each in ruling(held, country, known)]
        earlier = [each.partition("/")[0] for each in before.rules.split("+")] if before else []
        both = (*rules, *(known[name] for name in earlier if name in known))
        return tuple({each.name: each for each in both}.values())

    def _language(self, address: str, countries: Countries) -> NoticeLanguage:
        country = country_of(address, recipient=countries.recipient, item=countries.item, workspace=self.country)
        return language_for(country, workspace=self.language)

    def _consents(self, recipients: Sequence[Recipient]) -> Mapping[int, SubjectConsent]:
        subjects = {each.index: subject_of(each.mailbox.address, self.key) for each in recipients}
        states = self.states.of(set(subjects.values()))
        nothing = SubjectConsent()
        return {index: states.get(subject, nothing) for index, subject in subjects.items()}


def without_footers(recipients: Sequence[Recipient], choice: Choice, prefix: str = "track.") -> tuple[Recipient, ...]:
    """Return the recipients of a mail that has no place for the footer which it has to carry: none is tracked.

    Raises TrackingNotPermitted for the first mode that was named and is more than that; its field is `prefix` and the axis.
    """
    for axis in choice.named:
        if choice.message.of(axis) != "off":
            raise TrackingNotPermitted(f"{prefix}{_FIELDS[axis]}", _NO_PLACE, "message")
    return tuple(replace(each, tracking=each.tracking and without_footer(each.tracking)) for each in recipients)


def _not_permitted(refusal: NotAllowed, recipient: Recipient, prefix: str) -> TrackingNotPermitted:
    """Say which mode is not allowed for whom, by which level, and how to mend it."""
    reason = Text(
        "“%(asked)s” is not permitted for %(address)s, at most “%(allowed)s”. %(why)s Or ask with true: that tracks as far "
        "as is allowed.",
        asked=refusal.asked,
        address=recipient.mailbox.address,
        allowed=refusal.allowed,
        why=_WHY[refusal.level],
    )
    return TrackingNotPermitted(f"{prefix}{_FIELDS[refusal.axis]}", reason, refusal.level)
