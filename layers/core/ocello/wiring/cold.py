"""The parts of the functions off the hot path, except storage: queues, passwords, sign-in, sending, delivery, alerts."""

import functools
from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.consent import ConsentWiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocello.domain.people.users import TransportName
    from ocello.services.accounts.passwords import Passwords
    from ocello.services.accounts.ports import AccountProbe
    from ocello.services.alerts.alert import AlertPorts
    from ocello.services.alerts.ports import Channel, ChannelName, NoticeQueue
    from ocello.services.domains.ports import LookupQueue, MailExchangers
    from ocello.services.items.ports import ImportQueue
    from ocello.services.people.authenticate import Authenticator
    from ocello.services.people.ports import Directory, SignInVerifier
    from ocello.services.people.sign_in import WebSignIn
    from ocello.services.sending.deliver import DeliveryPorts
    from ocello.services.sending.outgoing import SendingPorts, Tracker
    from ocello.services.sending.pace import Pace
    from ocello.services.sending.ports import DeliveryQueue, OwnUsers, SendKind, Transport
    from ocello.services.sending.turns import Turns
    from ocello.services.statistics.pools import PooledMail


def _several(text: str) -> frozenset[str]:
    """Return the values of a comma-separated list."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


class Wiring(ConsentWiring):
    """All parts."""

    @cached_property
    def delivery_queue(self) -> "DeliveryQueue":
        """The queue of copies to be sent."""
        from ocello.adapters.aws.sqs_delivery import SqsDeliveryQueue

        return SqsDeliveryQueue(self._settings.delivery_queue_url)

    @cached_property
    def lookup_queue(self) -> "LookupQueue":
        """Domains to be looked up."""
        from ocello.adapters.aws.sqs_lookups import SqsLookupQueue

        return SqsLookupQueue(self._settings.lookup_queue_url)

    @cached_property
    def mail_exchangers(self) -> "MailExchangers":
        """The domain name system, for MX records."""
        from ocello.adapters.dns.exchangers import DnsMailExchangers

        return DnsMailExchangers()

    @cached_property
    def import_queue(self) -> "ImportQueue":
        """The queue of imports to be continued."""
        from ocello.adapters.aws.sqs_imports import SqsImportQueue

        return SqsImportQueue(self._settings.import_queue_url)

    @cached_property
    def notice_queue(self) -> "NoticeQueue":
        """The queue of alerts that are sent by a channel or on hold."""
        from ocello.adapters.aws import clients
        from ocello.adapters.aws.alert_channels import SqsNoticeQueue

        return SqsNoticeQueue(clients.late("sqs"), self._settings.alert_queue_url)

    @cached_property
    def channels(self) -> "Mapping[ChannelName, Channel]":
        """The channels of alerts that are switched on."""
        from ocello.adapters.aws import clients
        from ocello.adapters.aws.alert_channels import BusChannel, MailChannel

        settings = self._settings
        found: dict[ChannelName, Channel] = {}
        if settings.event_bus:
            found["bus"] = BusChannel(clients.late("events"), settings.event_bus)
        if settings.alert_sender:
            found["mail"] = MailChannel(
                clients.late("sesv2"),
                self.users,
                self.preferences,
                settings.alert_sender,
                settings.app_origin,
                settings.ses_configuration_set,
            )
        return found

    @cached_property
    def passwords(self) -> "Passwords":
        """The passwords of SMTP servers."""
        from ocello.adapters.aws.kms_seal import KmsSeal
        from ocello.adapters.aws.secrets import SecretsManagerStore
        from ocello.services.accounts.passwords import Passwords

        return Passwords(KmsSeal(self._settings.key_arn), SecretsManagerStore())

    @cached_property
    def probe(self) -> "AccountProbe":
        """The check of a server before its account is saved."""
        from ocello.adapters.smtp.account_probe import ServerProbe

        return ServerProbe(allow_private=self._settings.smtp_allow_private)

    @cached_property
    def directory(self) -> "Directory | None":
        """The user pool; None where the identity provider is not the stack's own."""
        from ocello.adapters.oidc.cognito_directory import CognitoDirectory

        return CognitoDirectory(self._settings.user_pool) if self._settings.user_pool else None

    @cached_property
    def verifier(self) -> "SignInVerifier":
        """The verifier of the identity provider's tokens."""
        from ocello.adapters.oidc.tokens import KeySet, OidcVerifier

        settings, keys = self._settings, KeySet(self._settings.oidc_jwks_url, self.clock)
        return OidcVerifier(settings.oidc_issuer, settings.oidc_audience, keys, self.clock)

    @cached_property
    def authenticator(self) -> "Authenticator":
        """The authenticator of requests."""
        from ocello.domain.common.hosts import parse_domains
        from ocello.services.people.authenticate import AdmissionPolicy, Authenticator

        settings = self._settings
        admission = AdmissionPolicy(
            parse_domains(settings.oidc_allowed_domains), _several(settings.oidc_allowed_groups), settings.admin_group
        )
        return Authenticator(self.verifier, self.users, self.keys, admission, self.clock, self.random_bytes)

    def web_sign_in(self, home: str, callback: str) -> "WebSignIn":
        """Return the web sign-in; `home` and `callback` are the paths that the provider may redirect to."""
        from ocello.adapters.networks.builtin import class_of
        from ocello.adapters.oidc.sealing import AesSeal
        from ocello.adapters.oidc.sign_in_provider import OidcProvider
        from ocello.domain.verdicts.signed_in import is_shared, source_digest
        from ocello.services.people.sign_in import WebSignIn

        settings = self._settings
        provider = OidcProvider(
            settings.oidc_audience,
            settings.oidc_client_secret,
            authorize_url=settings.oidc_authorize_url,
            token_url=settings.oidc_token_url,
            logout_url=settings.oidc_logout_url,
            home=f"{settings.app_origin}{home}",
            callback=f"{settings.app_origin}{callback}",
        )
        return WebSignIn(
            provider,
            self.authenticator,
            self.users,
            self.sessions,
            self.sign_in_sources,
            lambda address: source_digest(address, self.subject_key),
            lambda address: is_shared(address, class_of),
            AesSeal(),
            self.clock,
            self.random_bytes,
        )

    @cached_property
    def provider_origins(self) -> tuple[str, ...]:
        """The origins of the identity provider's pages."""
        from urllib.parse import urlsplit

        pages = map(urlsplit, (self._settings.oidc_authorize_url, self._settings.oidc_logout_url))
        return tuple(dict.fromkeys(f"{page.scheme}://{page.netloc}" for page in pages))

    @cached_property
    def tracker(self) -> "Tracker":
        """How mail is tracked."""
        from ocello.adapters.consent.notice_files import texts
        from ocello.domain.common.hosts import parse_domains
        from ocello.services.sending.outgoing import Tracker

        return Tracker(
            self.keyring,
            self._settings.tracking_origin,
            plain_text=self._settings.track_plain_text,
            leave_address_text=self._settings.leave_address_text,
            excluded_domains=parse_domains(self._settings.excluded_domains),
            footers=texts("footer"),
            language=self.decisions.language,
        )

    @cached_property
    def own_users(self) -> "OwnUsers | None":
        """The recipients who are users; None if their copies are tracked like any other."""
        return None if self._settings.track_own_users else self.team_addresses

    @cached_property
    def pace(self) -> "Pace":
        """The limits of sending per minute; only the API tracks copies that its callers send."""
        from ocello.services.sending.pace import LimitedPace

        tracks = getattr(self._settings, "tracks_a_minute", 0)
        most: dict[SendKind, int] = {"send": self._settings.sends_a_minute, "track": tracks}
        return LimitedPace(most, self.send_counts, self.clock)

    @cached_property
    def pooled_mail(self) -> "PooledMail":
        """What counts the recipients of pools. Raises SettingsError."""
        from ocello.services.statistics.pools import PooledMail

        return PooledMail(self.pools, self.keyring, self.subject_key)

    @cached_property
    def sending(self) -> "SendingPorts":
        """Everything that sending needs."""
        from ocello.services.sending.outgoing import SendingPorts

        return SendingPorts(
            messages=self.messages,
            recipients=self.recipients,
            conversations=self.conversations,
            mail=self.mail,
            queue=self.delivery_queue,
            accounts=self.accounts,
            settings=self.user_settings,
            items=self.items,
            subjects=self.subjects,
            decisions=self.decisions,
            tracker=self.tracker,
            clock=self.clock,
            random_bytes=self.random_bytes,
            own_users=self.own_users,
            pools=self.pooled_mail,
            pace=self.pace,
        )

    @cached_property
    def transports(self) -> "Mapping[TransportName, Transport]":
        """The transports of copies."""
        from ocello.adapters.ses.transport import SesTransport
        from ocello.adapters.smtp.transport import SmtpTransport
        from ocello.services.accounts import passwords

        settings = self._settings
        password_of = functools.partial(passwords.use, passwords=self.passwords, accounts=self.accounts)
        return {
            "ses": SesTransport(settings.ses_configuration_set, settings.aws_region),
            "smtp": SmtpTransport(password_of, allow_private=settings.smtp_allow_private),
        }

    @cached_property
    def turns(self) -> "Turns":
        """The order in which copies are sent."""
        from ocello.domain.messages.servers import shares_of
        from ocello.services.sending.turns import FairTurns

        shares = shares_of(self._settings.copies_at_once)
        return FairTurns(self.sending_places, self.server_records, shares, self.clock)

    @cached_property
    def delivery(self) -> "DeliveryPorts":
        """Everything that delivery needs."""
        from ocello.services.domains.forecast import MailForecasts
        from ocello.services.sending.deliver import DeliveryPorts

        return DeliveryPorts(
            messages=self.messages,
            recipients=self.recipients,
            conversations=self.conversations,
            mail=self.mail,
            accounts=self.accounts,
            decisions=self.decisions,
            suppressions=self.suppressions,
            inbox=self.inbox,
            days=self.day_stats,
            transports=self.transports,
            tracker=self.tracker,
            clock=self.clock,
            pools=self.pooled_mail,
            turns=self.turns,
            forecasts=MailForecasts(self.mail_domains, self.lookup_queue, self.clock),
        )

    @cached_property
    def alerting(self) -> "AlertPorts":
        """Everything that alerts need."""
        from ocello.services.alerts.alert import AlertPorts

        return AlertPorts(
            messages=self.messages,
            settings=self.user_settings,
            preferences=self.preferences,
            alerts=self.alert_rows,
            queue=self.notice_queue,
            days=self.day_stats,
            inbox=self.inbox,
            external=frozenset(self.channels),
            under_way=self.under_way,
        )
