"""Answers what a person asks for: exports what a stack holds of them, or erases it.

    make subject DO=export ADDRESS=somebody@example.com FILE=somebody.zip
    make subject DO=erase ADDRESS=somebody@example.com REASON="asked by mail on 3 May"
    make subject DO=again

for the stack of production; STACK=… names another one, REGION=… where it is. `again` does all erasures of the log of
deletions once more: run it after tables were restored from a backup, which has what was erased since. Each may be stopped
and done again.
"""

import json
import time
from contextlib import closing
from pathlib import Path
from secrets import token_bytes
from typing import Any, NamedTuple

import boto3

from infra.tools.operate import deployed
from infra.tools.operate.replay_logs import environment
from ocello.adapters.aws.kms_seal import KmsKeySeal
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.adapters.dynamodb.consent.states import DynamoConsentStates
from ocello.adapters.dynamodb.consent.subject_index import DynamoSubjectIndex
from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys
from ocello.adapters.dynamodb.messages.alerts import DynamoAlertStore
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.retention.deletions import DynamoDeletionLog
from ocello.adapters.hot.aws_http import Connection
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoHitStore, DynamoSurroundings
from ocello.adapters.hot.withdrawals import DynamoCopyGates, DynamoWithdrawalStore
from ocello.adapters.networks.builtin import class_of
from ocello.domain.common.errors import OcelloError
from ocello.domain.consent.subjects import key_of
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.sources import networks_of
from ocello.services.consent.consents import Consents
from ocello.services.consent.under_way import ListUnderWay
from ocello.services.consent.withdraw import Lane
from ocello.services.engagement.settle import Judge
from ocello.services.retention.rights import Rights
from ocello.services.sending.ports import MailStore


class Stack(NamedTuple):
    """Where a stack keeps its rows and its mail, its keys, and the team's own networks."""

    hits_table: str
    app_table: str
    mail_bucket: str
    key_arn: str
    subject_key: bytes
    own_networks: str


def stack_of(cloudformation: Any, secrets: Any, name: str) -> Stack:
    """Read a deployed stack. Raises botocore's ClientError where it is not there, KeyError for one of earlier commits."""
    outputs, parameters = deployed.read(cloudformation, name)
    secret = secrets.get_secret_value(SecretId=outputs["SubjectKeyArn"])["SecretString"]
    return Stack(
        outputs["HitsTable"],
        outputs["AppTable"],
        outputs["MailBucket"],
        outputs["KeyArn"],
        key_of(json.loads(secret)["key"]),
        parameters.get("OwnNetworks", ""),
    )


def rights_of(stack: Stack, client: DynamoClient, mail: MailStore) -> Rights:
    """Make the use case on a stack whose app table the models are bound to."""
    own = networks_of("OWN_NETWORKS", stack.own_networks)
    hits = DynamoHitStore(client, stack.hits_table)
    judge = Judge(
        hits,
        DynamoEngagementStore(client, stack.app_table),
        DynamoSurroundings(client, stack.app_table),
        Context(own=own, source_key=stack.subject_key, class_of=class_of),
        ListUnderWay(DynamoWithdrawalStore(client, stack.app_table), time.monotonic),
    )
    ledger = DynamoConsentLedger()
    return Rights(
        consents=Consents(
            states=DynamoConsentStates(),
            ledger=ledger,
            reader=ledger,
            keys=DynamoSubjectKeys(KmsKeySeal(stack.key_arn), token_bytes),
            key=stack.subject_key,
            clock=lambda: time.time_ns() // 1_000_000,
            wait=time.sleep,
        ),
        index=DynamoSubjectIndex(),
        messages=DynamoMessageStore(mail),
        hits=hits,
        lane=Lane(DynamoCopyGates(client, stack.app_table), judge),
        alerts=DynamoAlertStore(),
        log=DynamoDeletionLog(),
        done=lambda number: print(f"{number} copies done", flush=True),
    )


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
    with deployed.ending(parser, chosen.stack):
        stack = stack_of(session.client("cloudformation"), session.client("secretsmanager"), chosen.stack)
        variables = environment(session)
    models.bind(stack.app_table, str(session.region_name))
    mail = S3MailStore(stack.mail_bucket, session.client("s3"))
    with closing(Connection.from_environment("dynamodb", variables, "AWS_ENDPOINT_URL_DYNAMODB")) as connection:
        rights = rights_of(stack, DynamoClient(connection), mail)
        try:
            print(_done(rights, chosen.do, chosen.address, chosen.reason, chosen.file))
        except OcelloError as error:
            parser.error(f"{error}; do it again")
    return 0


def _done(rights: Rights, do: str, address: str, reason: str, file: Path) -> str:
    if do == "export":
        file.write_bytes(rights.export(address))
        return f"written to {file}"
    if do == "again":
        return f"{rights.erase_again()} people erased again"
    deleted = rights.erase(address, reason).deleted
    return f"{deleted.hits} hits deleted, counters of {deleted.engagement} mails made anonymous; the key is destroyed"


if __name__ == "__main__":
    raise SystemExit(main())
