"""The rules of tracking that hold for everybody, as JSON."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from functions.api.schemas.base import Answer, Request, Time, whole
from ocello.domain.consent.modes import Mode
from ocello.domain.consent.rules import RulesName


class ModesOf(Answer):
    """A mode for opens and one for links."""

    opens: Mode
    links: Mode


class CeilingsOf(Answer):
    """What a rule set allows at most, by what is known of a reader's consent."""

    unknown: ModesOf
    granted: ModesOf
    refused: ModesOf
    withdrawn: ModesOf


class RuleSource(Answer):
    """Where a rule was read."""

    title: str
    date: Annotated[str, Field(description="empty: not known")]
    read_in: str


class RuleSet(Answer):
    """A rule set, and whether it can be chosen: whether it allows no more than what holds."""

    name: RulesName
    id: Annotated[str, Field(description="with its version", examples=["it-284-2026/1"])]
    country: str
    as_of: str
    reviewed_by: Annotated[str, Field(description="empty: nobody yet")]
    sources: list[RuleSource]
    ceilings: CeilingsOf
    can_be_chosen: bool


class RulesPeriod(Answer):
    """What held from a time on, until the next period."""

    since: Time
    rules: str
    opens: Mode
    links: Mode
    footers: bool
    actor: Annotated[str, Field(description="the administrator who changed it; empty: it followed from a deploy")]
    text: Annotated[str, Field(description="the footer's text with its version; empty: none, or not noted then")]


class WorkspaceRules(Answer):
    """What holds for everybody, all rule sets, and what held when, oldest first."""

    rules: Annotated[str, Field(description="the sets that hold, with their versions", examples=["it-284-2026/1"])]
    opens: Mode
    links: Mode
    footers: Annotated[bool, Field(description="whether mail has a footer where no rules hold")]
    version: int
    sets: list[RuleSet]
    periods: list[RulesPeriod]


class WorkspaceRulesIn(Request):
    """What is to hold for everybody."""

    rules: RulesName
    opens: Annotated[Mode, Field(description="the most that is tracked of anybody")]
    links: Mode
    footers: bool
    version: Annotated[
        int | None, BeforeValidator(whole), Field(description="of what was read; left out: whatever holds now")
    ] = None
