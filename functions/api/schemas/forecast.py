"""What can be known of mail to an address, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer
from ocello.domain.verdicts import exchangers

type Level = exchangers.Level
type MxClass = exchangers.MxClass


class Reliability(Answer):
    """How far what is seen of one kind of engagement can be relied on, and why."""

    level: Level
    text: str


class Forecast(Answer):
    """What can be known of mail to an address; `unknown` until it was found out who takes in its domain's mail."""

    address: str
    domain: str
    mx: Annotated[MxClass | None, Field(description="who takes in the domain's mail; null: not known yet")]
    opens: Reliability
    clicks: Reliability
