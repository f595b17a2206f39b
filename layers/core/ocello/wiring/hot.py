"""The parts of the functions that process hits: capture, replay, settle. Standard library and our own modules only."""

import time
from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Callable, Mapping
    from typing import Any

    from ocello.adapters.hot.aws_http import Connection
    from ocello.adapters.hot.dynamodb import DynamoClient
    from ocello.adapters.hot.load_sinks import DynamoLoadSink
    from ocello.adapters.hot.settle_store import DynamoEngagementStore
    from ocello.adapters.networks.bucket import FreshNetworks
    from ocello.domain.tracking.tokens import Keyring
    from ocello.domain.verdicts.context import Context
    from ocello.domain.verdicts.networks import Networks
    from ocello.domain.verdicts.sources import Network
    from ocello.services.common.ports import Clock
    from ocello.services.engagement.count_loads import LoadCounter
    from ocello.services.engagement.ports import HitReader, HitStore, Surroundings, UnderWay
    from ocello.services.engagement.record import ConsentGate, HitSink, Recorder
    from ocello.services.engagement.settle import Judge


class HotWiring:
    """The parts of one function, by its settings (the tuple of its `settings.py`), and its environment for AWS's variables."""

    def __init__(self, settings: "Any", environment: "Mapping[str, str]", **parts: object) -> None:
        """Replace parts by `parts`, by name. Raise TypeError for an unknown name."""
        for name in parts:
            if not isinstance(getattr(type(self), name, None), cached_property):
                raise TypeError(f"no part is named {name}")
        self._settings, self._environment = settings, environment
        self.__dict__.update(parts)  # a cached property looks here first

    @cached_property
    def clock(self) -> "Clock":
        """The time, in milliseconds since 1970."""
        return lambda: time.time_ns() // 1_000_000

    @cached_property
    def keyring(self) -> "Keyring":
        """The keys that tokens are signed with. Raise SettingsError."""
        from ocello.domain.tracking.tokens import Keyring
        from ocello.settings import SettingsError

        try:
            return Keyring.parse(self._settings.token_keys)
        except ValueError as error:
            raise SettingsError(f"TOKEN_KEYS: {error}") from None

    @cached_property
    def own_networks(self) -> "tuple[Network, ...]":
        """The team's own networks."""
        from ocello.domain.verdicts.sources import networks_of

        return networks_of("OWN_NETWORKS", self._settings.own_networks)

    @cached_property
    def subject_key(self) -> bytes:
        """The key of all digests that stand for a person: of addresses, and of where users sign in. Raise SettingsError."""
        from ocello.domain.consent.subjects import key_of
        from ocello.settings import SettingsError

        try:
            return key_of(self._settings.subject_key)
        except ValueError as error:
            raise SettingsError(f"SUBJECT_KEY: {error}") from None

    @cached_property
    def judging(self) -> "Context":
        """What hits are judged by, besides their own facts: the team's networks, and the newest table of networks.

        The table is read when an address is first looked up.
        """
        from ocello.domain.verdicts.context import Context

        return Context(
            own=self.own_networks,
            source_key=self.subject_key,
            class_of=lambda address: self.newest_networks.current().class_of(address),
        )

    @cached_property
    def client(self) -> "DynamoClient":
        """Our own DynamoDB client."""
        from ocello.adapters.hot.dynamodb import DynamoClient

        return DynamoClient.from_environment(self._environment)

    @cached_property
    def hit_sink(self) -> "HitSink":
        """The sink that hits are written to."""
        from ocello.adapters.hot.hit_sinks import DynamoHitSink

        return DynamoHitSink(self.client, self._settings.hits_table, self._hit_seconds)

    @cached_property
    def consent_gate(self) -> "ConsentGate":
        """The consent gates of recipients."""
        from ocello.adapters.hot.hit_sinks import DynamoConsentGate

        return DynamoConsentGate(self.client, self._settings.app_table)

    def load_counter(self, write: "Callable[[str], None]") -> "LoadCounter":
        """Return what counts loads of pooled pixels; `write` writes a log line, the last resort."""
        from ocello.adapters.hot.load_sinks import LogLoadSink, SqsLoadSink
        from ocello.services.engagement.count_loads import LoadCounter

        spill = SqsLoadSink(self.queue, self._settings.spill_queue_url)
        return LoadCounter(self.load_sink, spill, LogLoadSink(write), time.monotonic)

    @cached_property
    def load_sink(self) -> "DynamoLoadSink":
        """The counters of pooled pixels."""
        from ocello.adapters.hot.load_sinks import DynamoLoadSink

        return DynamoLoadSink(self.client, self._settings.app_table)

    @cached_property
    def queue(self) -> "Connection":
        """The connection to SQS."""
        from ocello.adapters.hot.aws_http import Connection

        return Connection.from_environment("sqs", self._environment, "AWS_ENDPOINT_URL_SQS")

    def recorder(self, write: "Callable[[str], None]") -> "Recorder":
        """Return the recorder of hits; `write` writes a log line, the last resort."""
        from ocello.adapters.hot.hit_sinks import LogHitSink, SqsHitSink
        from ocello.services.engagement.record import Recorder

        spill = SqsHitSink(self.queue, self._settings.spill_queue_url, self._hit_seconds)
        last = LogHitSink(write, self._hit_seconds)
        return Recorder(self.hit_sink, self.consent_gate, spill, last, time.monotonic)

    @cached_property
    def hits(self) -> "HitStore":
        """The hits of a message."""
        from ocello.adapters.hot.settle_store import DynamoHitStore

        return DynamoHitStore(self.client, self._settings.hits_table)

    @cached_property
    def engagement(self) -> "DynamoEngagementStore":
        """The packed engagement rows, read and written by version."""
        from ocello.adapters.hot.settle_store import DynamoEngagementStore

        return DynamoEngagementStore(self.client, self._settings.app_table)

    @cached_property
    def surroundings(self) -> "Surroundings":
        """What is known about a message besides its hits."""
        from ocello.adapters.hot.settle_store import DynamoSurroundings

        return DynamoSurroundings(self.client, self._settings.app_table)

    def judge(self) -> "Judge":
        """Make what settles hits and judges messages anew."""
        from ocello.services.engagement.settle import Judge

        networks = self.newest_networks.current()
        base = self.judging._replace(class_of=networks.class_of, networks=networks.version)
        return Judge(self.hits, self.engagement, self.surroundings, base, self.under_way)

    @cached_property
    def under_way(self) -> "UnderWay":
        """Withdrawals that have not reached every copy yet."""
        from ocello.adapters.hot.withdrawals import DynamoWithdrawalStore
        from ocello.services.consent.under_way import ListUnderWay

        return ListUnderWay(DynamoWithdrawalStore(self.client, self._settings.app_table), time.monotonic)

    @cached_property
    def shown_hits(self) -> "HitReader":
        """The hits of a message that may be shown."""
        from ocello.services.engagement.shown import ShownHits

        return ShownHits(self.hits, self.engagement, self.under_way)

    @cached_property
    def builtin_networks(self) -> "Networks":
        """The deployed table of networks."""
        from ocello.adapters.networks.builtin import builtin

        return builtin()

    @cached_property
    def newest_networks(self) -> "FreshNetworks":
        """The newest table of networks."""
        return self.fresh_networks(lambda _networks: None)

    def fresh_networks(self, note: "Callable[[Networks], None]") -> "FreshNetworks":
        """Return the source of the newest table of networks; `note` is called with the bucket's table."""
        from ocello.adapters.hot.s3 import BucketReader
        from ocello.adapters.networks.bucket import FreshNetworks

        bucket = BucketReader.from_environment(self._settings.mail_bucket, self._environment)
        return FreshNetworks(bucket, self.builtin_networks, time.monotonic, note)

    @property
    def _hit_seconds(self) -> int:
        from ocello.domain.tracking.hits import seconds_to_live

        return seconds_to_live(self._settings.hit_ttl_days)
