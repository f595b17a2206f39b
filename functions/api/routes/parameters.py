"""Parameters that several routes take, declared once."""

from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AfterValidator


def _address(text: str) -> str:
    """Return an address that a path names. AWS's gateway ends a path at a `?` or `#`, even at an encoded one."""
    address = unquote(text)
    if set("?#") & set(address):
        raise ValueError("must have no ? and no #: not every gateway hands them on unharmed")
    return address


def _unslashed(text: str) -> str:
    """Return an address that a path names, without a slash."""
    address = _address(text)
    if "/" in address:
        raise ValueError("must have no ?, # or /: not every gateway hands them on unharmed")
    return address


Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="`next` of the page before", json_schema_extra={"format": "cursor"})
]
ImportId = Annotated[str, Path(description="the import's id")]
JobId = Annotated[str, Path(description="the job's id")]
MessageId = Annotated[str, Path(description="the message's id")]
Address = Annotated[
    str,
    Path(description="an e-mail address, percent-encoded", json_schema_extra={"format": "email"}),
    AfterValidator(_address),
]
ConsentAddress = Annotated[
    str,
    Path(description="an e-mail address, percent-encoded, without a slash", json_schema_extra={"format": "email"}),
    AfterValidator(_unslashed),
]
