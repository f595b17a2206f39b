"""Exports the ledger of consent of a stack, and its last signed head, into a folder.

    make export-ledger FOLDER=…

for the stack of production; STACK=… names another one, REGION=… where it is. `make verify-ledger FOLDER=…` checks it.
"""

from pathlib import Path

import boto3

from infra.tools.operate import deployed
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.domain.common.errors import OcelloError
from ocello.services.consent.heads import LAST_HEAD, lines_between
from ocello.services.consent.ports import HeadStore, LedgerReader

LEDGER, HEAD = "ledger.ndjson", "head.json"


def export(reader: LedgerReader, store: HeadStore, folder: Path) -> tuple[int, bool]:
    """Write the ledger and its last signed head; return the number of lines, and whether there is a head."""
    folder.mkdir(parents=True, exist_ok=True)
    signed = store.get(LAST_HEAD)  # first: the ledger then has every line that it speaks of
    if signed is not None:
        (folder / HEAD).write_bytes(signed)
    number = 0
    with (folder / LEDGER).open("w", encoding="ascii") as file:
        for line in lines_between(reader, 0, reader.head().number):
            file.write(f"{line}\n")
            number += 1
    return number, signed is not None


def main() -> int:
    """Export what the arguments ask for."""
    parser = deployed.command("make export-ledger", __doc__)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    session = boto3.Session(region_name=chosen.region)
    with deployed.ending(parser, chosen.stack):
        outputs = deployed.read(session.client("cloudformation"), chosen.stack).outputs
        bucket = S3MailStore(outputs["MailBucket"], session.client("s3"))
        models.bind(outputs["AppTable"], str(session.region_name))
    try:
        number, signed = export(DynamoConsentLedger(), bucket, chosen.folder)
    except OcelloError as error:
        parser.error(f"{error}; do it again")
    print(f"{number} lines in {LEDGER}; {f'their signed head in {HEAD}' if signed else 'no head is signed yet'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
