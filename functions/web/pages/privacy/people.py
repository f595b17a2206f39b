"""What a person may ask for, for administrators: look somebody up, have it exported or erased, see how far that is."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from ocello.domain.common.errors import Invalid, OcelloError, Unavailable

_JOBS = 50


def show(request: PageRequest) -> Answer:
    """Ask for an address, and list what was asked for."""
    return _jobs(request)


def look_up(request: PageRequest) -> Answer:
    """Show what is known of a person. The address comes in a form: in a page's address it would stay in histories."""
    return _person(request)


def ask(request: PageRequest) -> Answer:
    """Begin an export or, confirmed on a page of its own, an erasure."""
    form = request.http.form()
    address, do, reason = form.one("address"), form.one("do"), form.one("reason")
    try:
        if do == "erase" and reason.strip() and form.one("confirmed") != "yes":
            known = request.context.evidence.person(address)
            return request.page("privacy/erase.html", known=known, reason=reason)
        job = request.context.subject_requests.begin(request.principal, address, do, reason)
    except Invalid as error:
        return _person(request, error, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Unavailable as error:
        return _person(request, error, HTTPStatus.SERVICE_UNAVAILABLE)
    return go(f"/app/privacy/people/{job.id}")


def job(request: PageRequest) -> Answer:
    """Show how far a request is. Raises NotFound."""
    requests = request.context.subject_requests
    found = requests.read(request.params["job"])
    return request.page("privacy/job.html", job=found, export=requests.fetchable(found))


def _jobs(request: PageRequest, error: OcelloError | None = None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = request.context.subject_requests.page(_JOBS, request.http.argument("cursor") or None)
    refused = request.refusal(error) if error else ""
    body = request.part("privacy/people.html", jobs=page.items, next=page.next, refused=refused)
    return Answer(body, status)


def _person(request: PageRequest, error: OcelloError | None = None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    form = request.http.form()
    try:
        known = request.context.evidence.person(form.one("address"))
    except Invalid as wrong:
        return _jobs(request, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    refused = request.refusal(error) if error else ""
    return Answer(
        request.part(
            "privacy/person.html",
            known=known,
            refused=refused,
            do=form.one("do"),
            reason=form.one("reason"),
        ),
        status,
    )
