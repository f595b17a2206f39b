"""What all models share: strict requests, answers with exactly their fields, problem documents.

A model's validator is built when the model is first used (`defer_build`): a request needs only a few of them.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from ocello.domain.consent.ladder import Level
from ocello.domain.crm.items import ITEM_TYPES, MAX_ID

type Time = Annotated[str, Field(description="RFC 3339, UTC, with milliseconds", examples=["2026-01-31T09:30:00.000Z"])]


# What the domain checks of an item's type and id, as far as JSON Schema can express it.
ITEM_TYPE: JsonDict = {"enum": list(ITEM_TYPES)}
ITEM_ID: JsonDict = {"minLength": 1, "maxLength": MAX_ID, "pattern": r"^[^/%\\\\]+$"}


def whole(value: object) -> object:
    """Return 25 for 25.0, which JSON Schema counts as an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def no_number(value: object) -> object:
    """Return a value that is no number: Python takes 0 for false and 1 for true. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError("must be true, false or a mode")  # noqa: TRY004 — pydantic takes no TypeError
    return value


class Request(BaseModel):
    """A request: no field that is not named, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Answer(BaseModel):
    """An answer: exactly the fields that are named."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class FieldError(Answer):
    """A field and what is wrong with it."""

    field: str
    reason: str


class Problem(Answer):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    limited_by: Annotated[Level | None, Field(description="with `tracking-not-permitted`: the level that forbids")] = (
        None
    )
