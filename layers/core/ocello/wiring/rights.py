"""The parts by which what is held of people is exported and erased."""

from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.consent import ConsentWiring

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ocello.adapters.aws.sqs_subjects import SqsSubjectQueue
    from ocello.services.retention.evidence import StackEvidence
    from ocello.services.retention.jobs import SubjectJobRunner, SubjectRequests
    from ocello.services.retention.ports import RightsTickets, SubjectJobs
    from ocello.services.retention.rights import Rights
    from ocello.services.retention.rights_page import RightsPage


class RightsWiring(ConsentWiring):
    """The parts of a function that takes such requests, or works through them."""

    @cached_property
    def subject_jobs(self) -> "SubjectJobs":
        """Requests to export or erase."""
        from ocello.adapters.dynamodb.retention.subject_jobs import DynamoSubjectJobs

        return DynamoSubjectJobs()

    @cached_property
    def subject_queue(self) -> "SqsSubjectQueue":
        """The queue of such requests, and of what people ask for on their page."""
        from ocello.adapters.aws.sqs_subjects import SqsSubjectQueue

        return SqsSubjectQueue(self._settings.subject_queue_url)

    @cached_property
    def rights_tickets(self) -> "RightsTickets":
        """What the links of mails about such requests stand for."""
        from ocello.adapters.dynamodb.retention.rights_tickets import DynamoRightsTickets

        return DynamoRightsTickets()

    @cached_property
    def rights_page(self) -> "RightsPage":
        """What people ask for on their page."""
        from ocello.services.retention.rights_page import RightsPage

        return RightsPage(
            recipients=self.recipients,
            wishes=self.subject_queue,
            tickets=self.rights_tickets,
            jobs=self.subject_jobs,
            queue=self.subject_queue,
            mail=self.mail,
            clock=self.clock,
        )

    @cached_property
    def subject_requests(self) -> "SubjectRequests":
        """What takes such requests, and tells how far they are. Raises SettingsError."""
        from ocello.services.retention.jobs import SubjectRequests

        return SubjectRequests(
            jobs=self.subject_jobs,
            queue=self.subject_queue,
            keys=self.subject_keys,
            mail=self.mail,
            key=self.subject_key,
            clock=self.clock,
            random_bytes=self.random_bytes,
        )

    @cached_property
    def stack_evidence(self) -> "StackEvidence":
        """What proves how the stack deals with consent. Raises SettingsError."""
        from ocello.adapters.consent.notice_files import every_version
        from ocello.adapters.dynamodb.consent.workspace import DynamoWorkspaceStore
        from ocello.services.retention.evidence import StackEvidence

        return StackEvidence(
            consents=self.consents,
            index=self.subject_index,
            heads=self.mail,
            days=self.mode_days,
            workspace=DynamoWorkspaceStore(),
            texts=every_version,
        )

    @cached_property
    def papers(self) -> "Mapping[str, str]":
        """Drafts of the papers that a controller must have, by their names."""
        from ocello.services.retention.papers import StackFacts, papers

        settings = self._settings
        return papers(
            StackFacts(
                operator=settings.operator_name,
                contact=settings.operator_contact,
                rules=settings.tracking_rules,
                hit_days=settings.hit_ttl_days,
                engagement_days=settings.engagement_days,
                region=settings.aws_region,
            )
        )

    def rights(self, done: "Callable[[int], None]") -> "Rights":
        """Return what exports and erases; `done` is told how many copies of a person are done. Raises SettingsError."""
        from ocello.domain.consent.rules import NO_RULES
        from ocello.services.consent.withdraw import CopyCloser
        from ocello.services.retention.rights import Rights

        return Rights(
            consents=self.consents,
            index=self.subject_index,
            messages=self.messages,
            hits=self.hits,
            closer=CopyCloser(self.copy_gates, self.judge()),
            alerts=self.alert_rows,
            log=self.deletion_log,
            received=self.received_mails,
            done=done,
            objecting=self._settings.tracking_rules == NO_RULES,
        )

    @cached_property
    def subject_runner(self) -> "SubjectJobRunner":
        """What works through such requests. Raises SettingsError."""
        from ocello.services.retention.jobs import SubjectJobRunner

        return SubjectJobRunner(
            rights=self.rights(lambda _number: None),
            jobs=self.subject_jobs,
            queue=self.subject_queue,
            mail=self.mail,
        )
