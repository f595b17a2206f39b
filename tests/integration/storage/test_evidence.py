"""The operator's command that gathers the proofs of consent, on a stack's tables and bucket."""

import json
import sys

import boto3

from infra.tools.operate import evidence
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.adapters.dynamodb.consent.states import DynamoConsentStates
from ocello.adapters.dynamodb.consent.workspace import DynamoWorkspaceStore
from ocello.adapters.dynamodb.retention.deletions import DynamoDeletionLog
from ocello.adapters.dynamodb.sending.mode_counts import DynamoModeCounts
from ocello.domain.retention.log import Deleted, Deletion
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.ports import RulesPeriod, WorkspaceSetting
from tests import fakes, tables
from tests.fakes.world import NOON, Clock

ANYTHING = {"Queue": {"Type": "AWS::SQS::Queue"}}  # a stack needs a resource


def test_the_folder_has_ledger_verifier_summary_rules_trail_deletions_and_papers(
    aws, app_table, tmp_path, monkeypatch, capsys
):
    parameters = {"TrackingRules": "eu-strict", "HitTtlDays": "30", "EngagementDays": "396"}
    body = {
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": ANYTHING,
        "Outputs": {"AppTable": {"Value": app_table}, "MailBucket": {"Value": aws["MailBucket"]}},
    }
    boto3.client("cloudformation").create_stack(
        StackName="ocello",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    ledger, clock = DynamoConsentLedger(), Clock(NOON + 120)
    consents = Consents(
        DynamoConsentStates(), ledger, ledger, fakes.MemorySubjectKeys(), fakes.SUBJECT_KEY, clock, clock.pass_by
    )
    consents.record(Said("ann@customer.test", {"opens": "refused"}, "page", NOON, rules="eu-strict/1"))
    DynamoDeletionLog().add(Deletion(NOON, "retention", Deleted(hits=7), NOON))
    modes = DynamoModeCounts(tables.BotoClient, app_table)
    modes.add("2026-11-26", ["opens_off", "links_off"])
    period = RulesPeriod(1, "eu-strict/1", "off", "off", footers=False)
    DynamoWorkspaceStore().write(WorkspaceSetting(periods=(period,)), [])
    monkeypatch.setattr(sys, "argv", ["evidence", "--stack", "ocello", str(tmp_path)])
    assert evidence.main() == 0
    assert "1 lines of the ledger, 1 deletions, 0 changes" in capsys.readouterr().out
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        *("ledger.ndjson", "verify_ledger.py", "summary.json", "rules", "trail.ndjson", "deletions.ndjson"),
        *("record.md", "assessment.md", "modes.json", "periods.json"),
    }
    assert json.loads((tmp_path / "modes.json").read_text()) == {"2026-11-26": {"links_off": 1, "opens_off": 1}}
    (period,) = json.loads((tmp_path / "periods.json").read_text())
    assert (period["rules"], period["since"]) == ("eu-strict/1", "1970-01-01T00:00:00.001Z")
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["counts"] == {"refused opens page consent": 1}
    assert summary["withdrawals"][0]["written_after_ms"] == 120
    assert json.loads((tmp_path / "deletions.ndjson").read_text())["deleted"]["hits"] == 7
    assert "eu-strict" in (tmp_path / "record.md").read_text()
    assert (tmp_path / "rules" / "fr-2026-042.toml").is_file()
