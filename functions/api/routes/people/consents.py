"""What people said of being tracked."""

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import ConsentAddress
from ocello.domain.common.errors import Invalid
from ocello.domain.common.times import milliseconds, rfc3339
from ocello.domain.consent.modes import Axis
from ocello.services.consent.evidence import StatedEvent, StatedEvidence
from ocello.services.views.consents import consent_json, history_json

router = new_router()


@declared(
    router,
    "readConsent",
    summary="Read what somebody said of being tracked",
    description="With the lines of the ledger, newest first.",
    tags=["consents"],
)
def read(address: ConsentAddress) -> schemas.ConsentHistory:
    """Return what is known of an address."""
    ports = request_in(router).ports
    plain, consent, history = ports.consent_evidence.read(address)
    return schemas.ConsentHistory.model_validate(
        {**consent_json(plain, consent, ports.clock()), "history": history_json(history)}
    )


@declared(
    router,
    "writeConsent",
    summary="Write down what somebody said of being tracked",
    description="A refusal or withdrawal silences mail that was sent before. What a person refused themself, nobody else "
    "lifts for them, with a spoken consent or another (409). The same said twice is written once.",
    tags=["consents"],
)
def write(address: ConsentAddress, body: schemas.ConsentIn) -> schemas.Consent:
    """Write down a statement with its evidence, and return what is known then."""
    request = request_in(router)
    at = milliseconds(body.evidence.at)
    if at is None:
        raise Invalid("evidence.at", "must be a time as RFC 3339 spells it: 2027-01-31T09:30:00Z")
    stated: dict[Axis, StatedEvent | None] = {"opens": body.opens, "links": body.links}
    plain, consent = request.ports.consent_evidence.record(
        request.principal.user,
        address,
        {axis: event for axis, event in stated.items() if event is not None},
        StatedEvidence(body.evidence.source, at, body.evidence.notice, body.evidence.channel),
    )
    return schemas.Consent.model_validate(consent_json(plain, consent, request.ports.clock()))


@declared(
    router,
    "askForConsent",
    summary="Ask somebody for their consent",
    description="By a mail that is not tracked, from your account; its link leads to the page where they answer. Nobody is "
    "asked twice within six months, nor who refused: 409, with a type that ends in `recently-asked`, `refused` or "
    "`suppressed`.",
    status_code=202,
    response_description="Stored and queued",
    tags=["consents"],
)
def ask(body: schemas.AskIn) -> schemas.Asked:
    """Ask somebody, and return what was asked."""
    request = request_in(router)
    question, stored = request.ports.asking.ask(request.principal, body.address, body.language, body.purposes)
    return schemas.Asked(
        address=question.address,
        language=question.language,
        purposes=list(question.purposes),
        message=stored.message.id,
        asked_at=rfc3339(stored.message.created_at),
    )


@declared(
    router,
    "proveConsent",
    summary="Get the signed proof of what somebody said",
    description="The lines of the ledger and the texts that were shown, signed by the key that signs the ledger.",
    tags=["consents"],
)
def prove(address: ConsentAddress) -> schemas.SignedProof:
    """Return the signed proof."""
    return schemas.SignedProof.model_validate(request_in(router).ports.consent_evidence.proof(address).document())
