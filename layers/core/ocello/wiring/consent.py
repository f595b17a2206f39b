"""The parts of consent: what people said, their keys, their copies."""

from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.mailboxes import MailboxWiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocello.adapters.aws.sqs_withdrawals import SqsWithdrawalQueue
    from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
    from ocello.adapters.hot.withdrawals import DynamoCopyGates
    from ocello.domain.consent.modes import Axis
    from ocello.domain.consent.notices import NoticeLanguage, NoticeText
    from ocello.services.common.ports import RandomBytes
    from ocello.services.consent.asking.unanswered import Unanswered
    from ocello.services.consent.consents import Consents
    from ocello.services.consent.deciding import TrackingDecisions
    from ocello.services.consent.heads import DailyHead
    from ocello.services.consent.page import RecipientPage
    from ocello.services.consent.ports import (
        ConsentStates,
        DocumentSigner,
        OpenQuestions,
        ShownTexts,
        SubjectIndex,
        SubjectKeys,
    )
    from ocello.services.consent.received import Statements
    from ocello.services.consent.subjects import Subjects
    from ocello.services.consent.withdraw import CopyCloser, Withdrawals
    from ocello.services.consent.workspace import WorkspaceRules
    from ocello.services.statistics.ports import ModeCounts, ModeDays

_CLOSERS = 8  # connections over which copies are closed


class ConsentWiring(MailboxWiring):
    """The parts of a function that writes down what people say, or reads it."""

    @cached_property
    def random_bytes(self) -> "RandomBytes":
        """Random bytes that nobody can guess."""
        import secrets

        return secrets.token_bytes

    @cached_property
    def subject_index(self) -> "SubjectIndex":
        """The tracked copies of each person."""
        from ocello.adapters.dynamodb.consent.subject_index import DynamoSubjectIndex

        return DynamoSubjectIndex()

    @cached_property
    def consent_states(self) -> "ConsentStates":
        """What is known of people's consent."""
        from ocello.adapters.dynamodb.consent.states import DynamoConsentStates

        return DynamoConsentStates()

    @cached_property
    def consent_ledger(self) -> "DynamoConsentLedger":
        """The ledger of consent."""
        from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger

        return DynamoConsentLedger()

    @cached_property
    def subjects(self) -> "Subjects":
        """What notes which copies of a person were tracked. Raises SettingsError."""
        from ocello.services.consent.subjects import Subjects

        return Subjects(self.subject_index, self.subject_key)

    @cached_property
    def decisions(self) -> "TrackingDecisions":
        """What decides how recipients are tracked. Raises SettingsError."""
        from ocello.services.consent.deciding import TrackingDecisions

        return TrackingDecisions(
            states=self.consent_states,
            key=self.subjects.key,
            workspace=self.workspace_rules,
            clock=self.clock,
            country=self._settings.workspace_country,
        )

    @cached_property
    def mode_counts(self) -> "ModeCounts":
        """Counts of how copies were tracked."""
        from ocello.adapters.dynamodb.sending.mode_counts import DynamoModeCounts

        return DynamoModeCounts(lambda: self.client, self._settings.app_table)

    @cached_property
    def mode_days(self) -> "ModeDays":
        """Those counts, as they are read."""
        from ocello.adapters.dynamodb.sending.mode_days import DynamoModeDays

        return DynamoModeDays()

    @cached_property
    def workspace_rules(self) -> "WorkspaceRules":
        """What holds for everybody."""
        import time

        from ocello.adapters.consent.notice_files import current
        from ocello.adapters.consent.rule_files import rule_sets
        from ocello.adapters.dynamodb.consent.workspace import DynamoWorkspaceStore
        from ocello.services.consent.workspace import WorkspaceRules

        known = rule_sets()
        deployed = known[self._settings.tracking_rules]
        return WorkspaceRules(DynamoWorkspaceStore(), deployed, known, current("footer"), self.clock, time.monotonic)

    @cached_property
    def subject_keys(self) -> "SubjectKeys":
        """The key of each person, which seals the address."""
        from ocello.adapters.aws.kms_seal import KmsKeySeal
        from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys

        return DynamoSubjectKeys(KmsKeySeal(self._settings.key_arn), self.random_bytes)

    @cached_property
    def consents(self) -> "Consents":
        """What people said of being tracked. Raises SettingsError."""
        import time

        from ocello.services.consent.consents import Consents

        return Consents(
            states=self.consent_states,
            ledger=self.consent_ledger,
            reader=self.consent_ledger,
            keys=self.subject_keys,
            key=self.subjects.key,
            clock=self.clock,
            wait=time.sleep,
        )

    @cached_property
    def recipient_page(self) -> "RecipientPage":
        """What the recipient's page reads and does: a refusal closes every copy before it is answered. Raises SettingsError."""
        from ocello.domain.consent.rules import NO_RULES
        from ocello.services.consent.page import RecipientPage

        return RecipientPage(
            self.recipients,
            self.closing_consents,
            self.withdrawal_queue,
            self.clock,
            objecting=self._settings.tracking_rules == NO_RULES,
        )

    @cached_property
    def daily_head(self) -> "DailyHead":
        """What signs the ledger's head each day."""
        import time

        from ocello.services.consent.heads import DailyHead

        return DailyHead(self.consent_ledger, self.head_signer, self.mail, self.clock, time.sleep)

    @cached_property
    def head_signer(self) -> "DocumentSigner":
        """The key that signs the ledger's heads."""
        from ocello.adapters.aws.kms_sign import KmsSigner

        return KmsSigner(self._settings.ledger_key_arn)

    @cached_property
    def proof_signer(self) -> "DocumentSigner":
        """The key that signs proofs."""
        from ocello.adapters.aws.kms_sign import KmsSigner

        return KmsSigner(self._settings.proof_key_arn)

    @cached_property
    def closing_consents(self) -> "Consents":
        """What people said, where what they say silences mail that was sent. The withdrawals are made when one is said."""
        from dataclasses import replace

        def close(subject: str, axes: "frozenset[Axis]") -> None:
            self.withdrawals.close(subject, axes)

        return replace(self.consents, on_closed=close)

    @cached_property
    def handed_on_consents(self) -> "Consents":
        """What people said, where a queue silences mail that was sent to those who refuse. Raises SettingsError."""
        from dataclasses import replace

        from ocello.adapters.hot.withdrawals import DynamoWithdrawalStore
        from ocello.services.consent.withdraw import WithdrawalHandover

        store = DynamoWithdrawalStore(self.client, self._settings.app_table)
        handover = WithdrawalHandover(self.subject_index, store, self.withdrawal_queue, self.clock)
        return replace(self.consents, on_closed=handover.close)

    @cached_property
    def open_questions(self) -> "OpenQuestions":
        """The mails that ask for consent and were not answered yet."""
        from ocello.adapters.dynamodb.consent.open_questions import DynamoOpenQuestions

        return DynamoOpenQuestions()

    @cached_property
    def unanswered(self) -> "Unanswered":
        """What writes down that a question was not answered. Raises SettingsError."""
        from ocello.services.consent.asking.unanswered import Unanswered

        return Unanswered(self.open_questions, self.recipients, self.consents)

    def asking_texts(self) -> "Mapping[NoticeLanguage, NoticeText]":
        """Return the texts of the mail that asks for consent."""
        from ocello.adapters.consent.notice_files import texts

        return texts("asking")

    def notices(self) -> "Mapping[str, str]":
        """Return the texts of ours that recipients were shown, whole, by their digests."""
        from ocello.adapters.consent.notice_files import shown_texts

        return shown_texts()

    @cached_property
    def footer_texts(self) -> "Mapping[NoticeLanguage, NoticeText]":
        """The text of footers, in each language."""
        from ocello.adapters.consent.notice_files import texts

        return texts("footer")

    @cached_property
    def shown_texts(self) -> "ShownTexts":
        """The texts that people were shown elsewhere."""
        from ocello.adapters.dynamodb.consent.shown_texts import DynamoShownTexts

        return DynamoShownTexts()

    @cached_property
    def statements(self) -> "Statements":
        """What records a recipient's word, or keeps it until it can be recorded."""
        from ocello.services.consent.received import Statements

        return Statements(self.messages, self.closing_consents.record, self.withdrawal_queue)

    @cached_property
    def withdrawal_queue(self) -> "SqsWithdrawalQueue":
        """The queue of withdrawals to be gone on with, and of statements that wait for the database."""
        from ocello.adapters.aws.sqs_withdrawals import SqsWithdrawalQueue

        return SqsWithdrawalQueue(self._settings.withdrawal_queue_url)

    @cached_property
    def withdrawals(self) -> "Withdrawals":
        """What lets withdrawals reach every copy, several at once: much of it is waiting for the database."""
        from time import monotonic, sleep

        from ocello.adapters.hot.withdrawals import DynamoWithdrawalStore
        from ocello.services.consent.withdraw import Withdrawals

        return Withdrawals(
            index=self.subject_index,
            store=DynamoWithdrawalStore(self.client, self._settings.app_table),
            queue=self.withdrawal_queue,
            closers=[self._closer() for _ in range(_CLOSERS)],
            clock=self.clock,
            seconds=monotonic,
            wait=sleep,
        )

    @cached_property
    def copy_gates(self) -> "DynamoCopyGates":
        """What closes the copies of a person."""
        from ocello.adapters.hot.withdrawals import DynamoCopyGates

        return DynamoCopyGates(self.client, self._settings.app_table)

    def _closer(self) -> "CopyCloser":
        from ocello.adapters.hot.dynamodb import DynamoClient
        from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoHitStore, DynamoSurroundings
        from ocello.adapters.hot.withdrawals import DynamoCopyGates
        from ocello.services.consent.withdraw import CopyCloser
        from ocello.services.engagement.settle import Judge

        client, app = DynamoClient.from_environment(self._environment), self._settings.app_table
        judge = Judge(
            DynamoHitStore(client, self._settings.hits_table),
            DynamoEngagementStore(client, app),
            DynamoSurroundings(client, app),
            self.judging,
            self.under_way,
        )
        return CopyCloser(DynamoCopyGates(client, app), judge)
