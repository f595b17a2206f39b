"""What all models share: strict requests, answers without surprises, problem documents."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

type Time = Annotated[str, Field(description="RFC 3339, UTC, with milliseconds", examples=["2026-01-31T09:30:00.000Z"])]


class Request(BaseModel):
    """A request: no field that is not named, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    """An answer: exactly the fields that are named."""

    model_config = ConfigDict(extra="forbid")


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
