"""Answers batches of the app table's stream and of the alert queue.

Of the stream: engagement rows, as they change, rows of recipients whose copy did not arrive, or arrived after all, and
rows of received mail, as they come.
"""

import base64
from collections.abc import Mapping
from typing import Any

from ocello.adapters.aws.alert_channels import from_text
from ocello.adapters.aws.batch import Record, take_queue, take_stream
from ocello.adapters.dynamodb import keys, mailbox_keys
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.engagement.summary import Engagement, unpack
from ocello.services.alerts.alert import Alerted, AlertPorts, alert, miss, release, tell
from ocello.services.alerts.answered import answer_came
from ocello.services.alerts.older import withdraw_older
from ocello.services.alerts.ports import Channel, ChannelName, HeldAlert, OlderAlerts
from ocello.services.common.ports import Clock
from ocello.services.inbox import inbox


def answer(
    event: dict[str, Any], ports: AlertPorts, channels: Mapping[ChannelName, Channel], clock: Clock
) -> dict[str, Any]:
    """Answer a batch by where it comes from; give the records that must come again (ReportBatchItemFailures)."""
    if event["Records"] and event["Records"][0]["eventSource"] == "aws:sqs":
        return _answer_queue(event, ports, channels, clock)
    return _answer_stream(event, ports, clock)


def _answer_stream(event: dict[str, Any], ports: AlertPorts, clock: Clock) -> dict[str, Any]:
    done: list[Alerted] = []
    told: list[bool] = []

    def alert_record(record: Record) -> None:
        change = record["dynamodb"]
        key = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
        if (delivered := keys.recipient_message(*key)) is not None:
            inbox.refresh_delivery(delivered, messages=ports.messages, store=ports.inbox)
            told.append(miss(delivered, keys.recipient_index(key[1]), clock(), ports))
        if (answered := mailbox_keys.received_conversation(key[0])) is not None:
            told.append(answer_came(answered, key[1], clock(), ports))
        message = keys.engagement_message(*key)
        if message is not None and "NewImage" in change:
            done.append(
                alert(message, _engagement(change, "OldImage"), _engagement(change, "NewImage"), clock(), ports)
            )

    response = take_stream(event, alert_record)
    figures = {
        "AlertsRung": Figure(sum(one.rung for one in done) + sum(told)),
        "AlertsWithdrawn": Figure(sum(one.withdrawn for one in done)),
        "AlertFailures": Figure(len(response["batchItemFailures"])),
    }
    held = sum(one.held for one in done)
    write_line("alerts made", clock(), figures, records=len(event["Records"]), held=held)
    return response


def _engagement(change: dict[str, Any], image: str) -> Engagement:
    item = change.get(image)
    return Engagement() if item is None else unpack(base64.b64decode(item["row"]["B"]))


def _answer_queue(
    event: dict[str, Any], ports: AlertPorts, channels: Mapping[ChannelName, Channel], clock: Clock
) -> dict[str, Any]:
    handed_over: list[bool] = []
    released: list[bool] = []
    withdrawn: list[int] = []

    def answer_record(record: Record) -> None:
        read = from_text(record["body"])
        if isinstance(read, HeldAlert):
            released.append(release(read, clock(), ports))
        elif isinstance(read, OlderAlerts):
            withdrawn.append(withdraw_older(read, ports))
        else:
            handed_over.append(tell(read, channels, clock(), ports))

    response = take_queue(event, answer_record)
    failed = len(response["batchItemFailures"])
    figures = {
        "AlertsHandedOver": Figure(sum(handed_over)),
        "AlertsRung": Figure(sum(released)),
        "AlertsWithdrawn": Figure(sum(withdrawn)),
        "ChannelFailures": Figure(failed),
    }
    write_line("alert queue answered", clock(), figures, records=len(event["Records"]), released=len(released))
    return response
