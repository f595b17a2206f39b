"""Gathers what proves how a stack dealt with consent, in one folder, for counsel or an authority.

    make evidence FOLDER=…

for the stack of production; STACK=… names another one, REGION=… where it is. In the folder: the ledger with its signed head
and the verifier, a summary of it, the notices with their texts where they are kept, the rule sets and when each ruled, how
the copies of each day were tracked, the audit trail, the log of deletions, and drafts of a record of processing activities
and of an impact assessment, made of the stack's parameters.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from infra.tools.operate import deployed, verify_ledger
from infra.tools.operate.export_ledger import LEDGER, export
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.consent import rule_files
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.adapters.dynamodb.consent.shown_texts import DynamoShownTexts
from ocello.adapters.dynamodb.consent.workspace import DynamoWorkspaceStore
from ocello.adapters.dynamodb.people.trail import DynamoTrail
from ocello.adapters.dynamodb.retention.deletions import DynamoDeletionLog
from ocello.adapters.dynamodb.sending.mode_days import DynamoModeDays
from ocello.domain.common.errors import OcelloError
from ocello.domain.common.times import rfc3339
from ocello.domain.consent import ledger as lines
from ocello.domain.consent.ledger import LedgerEntry
from ocello.domain.retention.log import Deletion
from ocello.services.common.ports import Page
from ocello.services.retention.papers import StackFacts, papers

_PAGE = 100


class Summary(NamedTuple):
    """What a ledger comes to, ready for JSON."""

    counts: dict[str, int]  # by event, purpose, channel and basis, joined by spaces
    rules: dict[str, dict[str, Any]]  # by the name of the rules: how many lines, and the first and last time
    withdrawals: list[dict[str, Any]]  # with how long it took to write each down
    notices: dict[str, dict[str, Any]]  # by the SHA-256 of the text


def summary_of(entries: Iterable[LedgerEntry], text_of: Callable[[str], str | None]) -> Summary:
    """Return what entries of the ledger come to; `text_of` returns the text that was shown, by its SHA-256."""
    counts = Counter[str]()
    found = Summary({}, {}, [], {})
    for entry in entries:
        counts[f"{entry.event} {entry.purpose} {entry.channel} {entry.basis}"] += 1
        at = rfc3339(entry.at)
        ruled = found.rules.setdefault(entry.rules or "not noted", {"lines": 0, "first": at, "last": at})
        ruled |= {"lines": ruled["lines"] + 1, "first": min(ruled["first"], at), "last": max(ruled["last"], at)}
        if entry.event in ("withdrawn", "refused", "objected"):
            found.withdrawals.append(
                {
                    "number": entry.number,
                    "event": entry.event,
                    "at": at,
                    "written_after_ms": entry.recorded_at - entry.at,
                }
            )
        if entry.notice is not None and entry.notice.sha256 not in found.notices:
            found.notices[entry.notice.sha256] = {**entry.notice._asdict(), "text": text_of(entry.notice.sha256)}
    return found._replace(counts=dict(sorted(counts.items())))


def facts_of(parameters: Mapping[str, str], region: str) -> StackFacts:
    """Return what the papers name of a stack."""
    return StackFacts(
        operator=parameters.get("OperatorName", ""),
        contact=parameters.get("OperatorContact", ""),
        rules=parameters["TrackingRules"],
        hit_days=int(parameters["HitTtlDays"]),
        engagement_days=int(parameters["EngagementDays"]),
        region=region,
    )


def every[T](page: Callable[[int, str | None], Page[T]]) -> Iterator[T]:
    """Yield all of a paged list."""
    cursor = None
    while True:
        found = page(_PAGE, cursor)
        yield from found.items
        cursor = found.next
        if cursor is None:
            return


def deletion_line(entry: Deletion) -> str:
    """Return an entry of the log of deletions as a line of JSON."""
    return json.dumps({**entry._asdict(), "deleted": entry.deleted._asdict(), "at": rfc3339(entry.at)}, sort_keys=True)


def main() -> int:
    """Gather what the arguments ask for."""
    parser = deployed.command("make evidence", __doc__)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    session = boto3.Session(region_name=chosen.region)
    with deployed.ending(parser, chosen.stack):
        outputs, parameters = deployed.read(session.client("cloudformation"), chosen.stack)
        drafts = papers(facts_of(parameters, str(session.region_name)))
        bucket = S3MailStore(outputs["MailBucket"], session.client("s3"))
        models.bind(outputs["AppTable"], str(session.region_name))
    folder: Path = chosen.folder
    try:
        number, _ = export(DynamoConsentLedger(), bucket, folder)
        written = map(lines.read, (folder / LEDGER).read_text("ascii").splitlines())
        summary = summary_of(written, DynamoShownTexts().of)
        (folder / "summary.json").write_text(json.dumps(summary._asdict(), indent=1, ensure_ascii=False), "utf-8")
        deletions = [deletion_line(entry) for entry in every(DynamoDeletionLog().page)]
        (folder / "deletions.ndjson").write_text("".join(f"{line}\n" for line in deletions), "utf-8")
        days = {each.day: each.counts for each in every(DynamoModeDays().page)}
        (folder / "modes.json").write_text(json.dumps(days, indent=1), "utf-8")
        periods = [{**each._asdict(), "since": rfc3339(each.since)} for each in DynamoWorkspaceStore().read().periods]
        (folder / "periods.json").write_text(json.dumps(periods, indent=1), "utf-8")
        trail = [json.dumps(asdict(entry), sort_keys=True) for entry in every(DynamoTrail().page)]
        (folder / "trail.ndjson").write_text("".join(f"{line}\n" for line in trail), "utf-8")
    except OcelloError as error:
        parser.error(f"{error}; do it again")
    shutil.copy(str(verify_ledger.__file__), folder / "verify_ledger.py")
    shutil.copytree(Path(rule_files.__file__).parent / "rules", folder / "rules", dirs_exist_ok=True)
    for name, text in drafts.items():
        (folder / name).write_text(text, "utf-8")
    print(
        f"{number} lines of the ledger, {len(deletions)} deletions, {len(trail)} changes, rules and drafts in {folder}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
