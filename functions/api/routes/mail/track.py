"""Instruments a message that its caller sends."""

import base64
from collections.abc import Mapping
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api import schemas
from functions.api.bodies import MAIL
from functions.api.context import declared, new_router, request_in
from functions.api.routes.mail.messages import shown
from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.consent.modes import MODES
from ocello.domain.mail.compose import TrackValue

router = new_router()
_VALUES: Mapping[str, TrackValue] = {"true": True, "false": False, **{mode: mode for mode in MODES}}


@declared(
    router,
    "track",
    summary="Instrument a message and send it yourself",
    description="Takes a whole message and gives the copy of each recipient: inline up to 4 MB in all, else by address.",
    status_code=201,
    openapi_extensions={
        "requestBody": {"required": True, "content": {MAIL: {"schema": {"type": "string", "format": "binary"}}}}
    },
    tags=["messages"],
)
def track(
    rcpt: Annotated[  # noqa: ARG001 — declared for the document; read from the query, unsplit at commas
        list[schemas.Mailbox] | None, Query(description="a recipient, repeatable; left out: all of To, Cc and Bcc")
    ] = None,
    opens: Annotated[
        str | None,
        Query(
            json_schema_extra={"enum": list(_VALUES)},
            description="track opens, as `track.opens` of `sendMessage`; left out: as in the user's settings",
        ),
    ] = None,
    clicks: Annotated[
        str | None,
        Query(
            json_schema_extra={"enum": list(_VALUES)},
            description="track clicks, as `track.clicks` of `sendMessage`; left out: as in the user's settings",
        ),
    ] = None,
    except_: Annotated[  # noqa: ARG001 — as `rcpt`
        list[str] | None, Query(alias="except", description="the address of a link to leave untracked, repeatable")
    ] = None,
) -> schemas.Instrumented:
    """Store a message and return each recipient's copy."""
    request = request_in(router)
    stored, copies = request.ports.submission.instrument(
        request.principal,
        request.body,
        request.values("rcpt"),
        opens=_value("opens", opens),
        clicks=_value("clicks", clicks),
        excepted=request.values("except"),
    )
    inline = [
        schemas.Copy(recipient=copy.recipient, raw=base64.b64encode(copy.raw).decode())
        for copy in copies
        if copy.raw is not None
    ]
    return schemas.Instrumented(
        message=shown(request, stored),
        copies=inline or [schemas.CopyAt(recipient=copy.recipient, url=copy.address) for copy in copies],
    )


def _value(field: str, text: str | None) -> TrackValue | None:
    """Return what a text asks for. Raises Invalid, naming `field`."""
    if text is None:
        return None
    if text.lower() not in _VALUES:
        raise Invalid(field, Text("must be one of %(known)s", known=", ".join(_VALUES)))
    return _VALUES[text.lower()]
