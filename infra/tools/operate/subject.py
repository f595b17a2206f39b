"""Answers what a person asks for: exports what a stack holds of them, or erases it.

    make subject DO=export ADDRESS=somebody@example.com FILE=somebody.zip
    make subject DO=erase ADDRESS=somebody@example.com REASON="asked by mail on 3 May"
    make subject DO=again

for the stack of production; STACK=… names another one, REGION=… where it is. `again` does all erasures of the log of
deletions once more: run it after tables were restored from a backup, which has what was erased since. Each may be stopped
and done again.
"""

from pathlib import Path
from secrets import token_bytes

import boto3

from infra.tools.operate import deployed
from ocello.adapters.aws.kms_seal import KmsKeySeal
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys
from ocello.domain.common.errors import OcelloError
from ocello.services.retention.rights import Rights
from ocello.wiring.rights import RightsWiring


def main() -> int:
    """Do what the arguments ask for."""
    parser = deployed.command("make subject", __doc__)
    parser.add_argument("do", choices=("export", "erase", "again"))
    parser.add_argument("--address", default="")
    parser.add_argument("--reason", default="")
    parser.add_argument("--file", type=Path, help="where the export is written")
    chosen = parser.parse_args()
    if chosen.do != "again" and "@" not in chosen.address:
        parser.error("give ADDRESS=…, the person's address")
    if chosen.do == "export" and chosen.file is None:
        parser.error("give FILE=…, where the export is written")
    if chosen.do == "erase" and not chosen.reason.strip():
        parser.error("give REASON=…, why it is erased: it stands in the log of deletions")
    session = boto3.Session(region_name=chosen.region)
    stack, variables = deployed.opened(parser, session, chosen.stack)
    wiring = RightsWiring(
        stack,
        variables,
        mail=S3MailStore(stack.mail_bucket, session.client("s3")),
        subject_keys=DynamoSubjectKeys(KmsKeySeal(stack.key_arn, session.client("kms")), token_bytes),
    )
    try:
        print(_done(wiring.rights(_tell), chosen.do, chosen.address, chosen.reason, chosen.file))
    except OcelloError as error:
        parser.error(f"{error}; do it again")
    return 0


def _tell(number: int) -> None:
    print(f"{number} copies done", flush=True)


def _done(rights: Rights, do: str, address: str, reason: str, file: Path) -> str:
    if do == "export":
        file.write_bytes(rights.export(address))
        return f"written to {file}"
    if do == "again":
        return f"{rights.erase_again()} people erased again"
    deleted = rights.erase(address, reason, "make subject").deleted
    return f"{deleted.hits} hits deleted, counters of {deleted.engagement} mails made anonymous; the key is destroyed"


if __name__ == "__main__":
    raise SystemExit(main())
