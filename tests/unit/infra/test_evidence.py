"""What proves how a stack dealt with consent, made of its ledger and its parameters."""

import json

from infra.tools.operate.evidence import deletion_line, every, facts_of, summary_of
from ocello.domain.consent.ledger import ConsentNotice, LedgerEntry
from ocello.domain.retention.log import Deleted, Deletion
from ocello.services.retention.papers import papers
from tests.fakes.retention import MemoryDeletionLog

NOTICE = ConsentNotice("ask", "1", "it", "ab" * 32)


def line(event, at, *, after=0, rules="it-284-2026/1", channel="page", notice=None):
    return LedgerEntry(
        "id", "s" * 43, "", event, "opens", "consent", at, at + after, channel, "", "", notice, rules=rules
    )


def test_a_ledger_is_counted_by_what_was_said_and_the_rules_have_the_times_between_which_they_were_used():
    entries = [
        line("granted", 1_790_000_000_000, channel="double_opt_in", notice=NOTICE),
        line("granted", 1_790_086_400_000, channel="double_opt_in", notice=NOTICE),
        line("withdrawn", 1_790_172_800_000, after=140, rules="eu-strict/1"),
    ]
    found = summary_of(entries, {NOTICE.sha256: "the text"}.get)
    assert found.counts == {"granted opens double_opt_in consent": 2, "withdrawn opens page consent": 1}
    assert found.rules["it-284-2026/1"] == {
        "lines": 2,
        "first": "2026-09-21T14:13:20.000Z",
        "last": "2026-09-22T14:13:20.000Z",
    }
    assert found.rules["eu-strict/1"]["lines"] == 1
    assert [(each["event"], each["written_after_ms"]) for each in found.withdrawals] == [("withdrawn", 140)]
    assert found.notices[NOTICE.sha256]["text"] == "the text"
    assert json.loads(json.dumps(found._asdict())) == found._asdict()


def test_the_papers_say_what_the_stack_is_set_to_and_claim_nothing():
    parameters = {"TrackingRules": "fr-2026-042", "HitTtlDays": "21", "EngagementDays": "200", "OperatorName": "ACME"}
    made = papers(facts_of(parameters, "eu-south-1"))
    assert set(made) == {"record.md", "assessment.md"}
    for text in made.values():
        assert "fr-2026-042" in text
        assert "21 days" in text
        assert "200 days" in text
        assert "complian" not in text.lower()
        assert "nothing here was reviewed by counsel" in text
    assert "ACME, [contact]" in made["record.md"]


def test_the_whole_log_of_deletions_is_written_line_by_line():
    log = MemoryDeletionLog()
    for number in range(250):
        log.add(Deletion(1_790_000_000_000 + number, "retention", Deleted(hits=number), number))
    found = [json.loads(deletion_line(entry)) for entry in every(log.page)]
    assert [each["deleted"]["hits"] for each in found] == list(range(249, -1, -1))
