"""Returns what is known of people's consent as JSON."""

from collections.abc import Sequence

from ocello.domain.common.times import rfc3339
from ocello.domain.consent.heads import state_fields
from ocello.domain.consent.ledger import LedgerEntry
from ocello.domain.consent.modes import AXES
from ocello.domain.consent.rules import CONSENT_STATES
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.retention.jobs import Fetchable, SubjectJob
from ocello.services.consent.workspace import Offer, OfferedRules
from ocello.services.views.messages import Json


def consent_json(address: str, consent: SubjectConsent, now: int) -> Json:
    """Return what is known of an address now."""
    return {"address": address, **{axis: state_fields(consent, axis, now) for axis in AXES}}


def rules_json(offered: OfferedRules) -> Json:
    """Return what holds for everybody, every rule set, and what held when."""
    setting = offered.holds.setting
    return {
        "rules": offered.holds.ids,
        "opens": setting.opens,
        "links": setting.links,
        "footers": setting.footers,
        "version": setting.version,
        "sets": [_rule_set_json(offer) for offer in offered.offers],
        "periods": [{**each._asdict(), "since": rfc3339(each.since)} for each in setting.periods],
    }


def _rule_set_json(offer: Offer) -> Json:
    rules = offer.rules
    return {
        "name": rules.name,
        "id": rules.id,
        "country": rules.country,
        "as_of": rules.as_of,
        "reviewed_by": rules.reviewed_by,
        "sources": [source._asdict() for source in rules.sources],
        "ceilings": {state: rules.ceilings[state]._asdict() for state in CONSENT_STATES},
        "can_be_chosen": offer.obstacle is None,
    }


def history_json(entries: Sequence[LedgerEntry]) -> list[Json]:
    """Return entries of the ledger without the sealed address and without the network that they were confirmed from."""
    return [_entry_json(entry) for entry in entries]


def _entry_json(entry: LedgerEntry) -> Json:
    confirmed = entry.confirmation
    return {
        "id": entry.id,
        "subject": entry.subject,
        "event": entry.event,
        "purpose": entry.purpose,
        "basis": entry.basis,
        "at": rfc3339(entry.at),
        "recorded_at": rfc3339(entry.recorded_at),
        "channel": entry.channel,
        "actor": entry.actor,
        "source": entry.source,
        "notice": entry.notice._asdict() if entry.notice else None,
        "confirmation": {"request": confirmed.request, "agent": confirmed.agent} if confirmed else None,
        "country": entry.country,
        "rules": entry.rules,
        "valid_until": rfc3339(entry.valid_until) if entry.valid_until else None,
        "number": entry.number,
        "prev": entry.prev,
        "hash": entry.hash,
    }


def subject_job_json(job: SubjectJob, export: Fetchable | None) -> Json:
    """Return a job as JSON: neither the address nor its digest."""
    return {
        "id": job.id,
        "do": job.do,
        "state": job.state,
        "reason": job.reason,
        "created_at": rfc3339(job.at),
        "changed_at": rfc3339(job.changed_at),
        "copies": job.copies,
        "deleted": {"hits": job.deleted.hits, "engagement": job.deleted.engagement},
        "export": None if export is None else {"url": export.url, "expires_at": rfc3339(export.until)},
        "fault": job.fault or None,
    }
