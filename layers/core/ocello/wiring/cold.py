"""The parts of the functions off the hot path, except storage and sign-in: queues, credentials, sending, delivery, alerts."""

import functools
from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.sign_in import SignInWiring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ocello.domain.imports.imports import ImportKind
    from ocello.domain.people.users import TransportName
    from ocello.services.accounts.credentials import AccountCredentials
    from ocello.services.accounts.ports import AccountProbe, CredentialSeal, SecretStore
    from ocello.services.alerts.alert import AlertPorts
    from ocello.services.alerts.ports import Channel, ChannelName, NoticeQueue
    from ocello.services.domains.ports import LookupQueue, MailExchangers
    from ocello.services.imports.imports import LineWriter
    from ocello.services.imports.ports import ImportQueue
    from ocello.services.retention.wishes import RightsMails
    from ocello.services.sending.deliver import DeliveryPorts
    from ocello.services.sending.outgoing import SendingPorts, Tracker
    from ocello.services.sending.pace import Pace
    from ocello.services.sending.ports import DeliveryQueue, OwnUsers, SendKind, Transport
    from ocello.services.sending.turns import Turns
    from ocello.services.statistics.pools import PooledMail


class Wiring(SignInWiring):
    """All parts."""

    def check(self) -> None:
        """Make what a setting may be wrong for, so that no function starts with it. Raises SettingsError and Invalid."""
        _ = self.keyring, self.subject_key, self.own_networks

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

    def line_writer(self, kind: "ImportKind") -> "LineWriter[Any]":
        """Return what writes the lines of one kind of import. Raises SettingsError."""
        if kind == "consents":
            from ocello.services.imports.consent_lines import ConsentLines

            return ConsentLines(self.handed_on_consents, self.shown_texts)
        from ocello.services.imports.item_lines import ItemLines
        from ocello.services.items.change_items import ItemWriter

        return ItemLines(ItemWriter(self.items, self.users, self.clock))

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
    def credential_seal(self) -> "CredentialSeal":
        """The key that seals what accounts sign in with."""
        from ocello.adapters.aws.kms_seal import KmsSeal

        return KmsSeal(self._settings.key_arn)

    @cached_property
    def secret_store(self) -> "SecretStore":
        """Where an early version kept passwords."""
        from ocello.adapters.aws.secrets import SecretsManagerStore

        return SecretsManagerStore()

    @cached_property
    def credentials(self) -> "AccountCredentials":
        """What accounts sign in with."""
        from ocello.adapters.dynamodb.people.credentials import DynamoCredentialStore
        from ocello.services.accounts.credentials import AccountCredentials

        return AccountCredentials(DynamoCredentialStore(), self.credential_seal, self.secret_store, self.clock)

    @cached_property
    def probe(self) -> "AccountProbe":
        """The check of a server before its account is saved."""
        from ocello.adapters.smtp.account_probe import ServerProbe

        return ServerProbe(allow_private=self._settings.smtp_allow_private)

    @cached_property
    def tracker(self) -> "Tracker":
        """How mail is tracked."""
        from ocello.domain.common.hosts import parse_domains
        from ocello.services.sending.outgoing import Tracker

        return Tracker(
            self.keyring,
            self._settings.tracking_origin,
            plain_text=self._settings.track_plain_text,
            leave_address_text=self._settings.leave_address_text,
            excluded_domains=parse_domains(self._settings.excluded_domains),
            footers=self.footer_texts,
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
            modes=self.mode_counts,
            pace=self.pace,
        )

    @cached_property
    def transports(self) -> "Mapping[TransportName, Transport]":
        """The transports of copies."""
        from ocello.adapters.ses.transport import SesTransport
        from ocello.adapters.smtp.transport import SmtpTransport

        settings = self._settings
        credential_of = functools.partial(self.credentials.use, accounts=self.accounts)
        return {
            "ses": SesTransport(settings.ses_configuration_set, settings.aws_region),
            "smtp": SmtpTransport(credential_of, allow_private=settings.smtp_allow_private),
        }

    @cached_property
    def rights_mails(self) -> "RightsMails":
        """What writes to people who asked for something on their page. Raises SettingsError."""
        from ocello.adapters.consent.notice_files import texts
        from ocello.services.retention.wishes import RightsMails
        from ocello.services.sending.outgoing import Tracker

        return RightsMails(
            messages=self.messages,
            accounts=self.accounts,
            suppressions=self.suppressions,
            transports=self.transports,
            tickets=self.rights_tickets,
            keys=self.subject_keys,
            key=self.subject_key,
            tracker=Tracker(self.keyring, self._settings.tracking_origin),
            texts=texts("rights"),
            clock=self.clock,
            random_bytes=self.random_bytes,
        )

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
            modes=self.mode_counts,
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
            received=self.received_mails,
        )
