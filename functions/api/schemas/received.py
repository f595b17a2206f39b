"""Received mail, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer, Time
from ocello.domain.mailboxes.judge import Kind
from ocello.domain.mailboxes.reasons import ReasonCode


class ReceivedReason(Answer):
    """Why a received mail is taken for what it is."""

    code: ReasonCode
    text: str


class Writer(Answer):
    """Who a received mail says that it is from. Nobody has verified it."""

    address: Annotated[str, Field(description="empty where it names none")]
    name: str


class Received(Answer):
    """A received mail that answers a message or reports on it, or belongs to its conversation."""

    id: str
    kind: Annotated[Kind, Field(description="`reply` and `calendar` are a person's answers")]
    reasons: list[ReceivedReason]
    from_: Annotated[Writer, Field(alias="from")]
    at: Annotated[Time, Field(description="when the mailbox took it")]
    message: Annotated[str | None, Field(description="the message that it names; null: it belongs to the conversation")]
    recipients: Annotated[list[int], Field(description="the indexes of that message's recipients whom it is about")]
    in_spam: bool


class ReceivedList(Answer):
    """A page of received mail, oldest first."""

    items: list[Received]
    next: str | None
