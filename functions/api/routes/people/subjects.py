"""What is held of people: exported or erased on request."""

from functions.api import schemas
from functions.api.context import ApiRequest, declared, new_router, request_in
from functions.api.routes.parameters import JobId
from ocello.domain.retention.jobs import SubjectJob
from ocello.services.views.consents import subject_job_json

router = new_router()


@declared(
    router,
    "requestSubject",
    summary="Have what is held of a person exported or erased",
    description="The work goes on after the answer: ask for the job. An export ends in a ZIP; an erasure deletes what was "
    "recorded of the person, destroys the key of their address, and writes down that they refuse, so that later mail to "
    "them stays untracked. Images and links of mail that was sent go on answering.",
    status_code=202,
    response_description="Taken, to be worked through",
    tags=["consents"],
)
def begin(body: schemas.SubjectIn) -> schemas.SubjectJob:
    """Take a request."""
    request = request_in(router)
    return _answer(request, request.ports.subject_requests.begin(request.principal, body.address, body.do, body.reason))


@declared(
    router,
    "readSubject",
    summary="See how far such a request is",
    description="With where to fetch an export, for seven days.",
    tags=["consents"],
)
def read(job_id: JobId) -> schemas.SubjectJob:
    """Return a job."""
    request = request_in(router)
    return _answer(request, request.ports.subject_requests.read(job_id))


def _answer(request: ApiRequest, job: SubjectJob) -> schemas.SubjectJob:
    found = request.ports.subject_requests.fetchable(job)
    return schemas.SubjectJob.model_validate(subject_job_json(job, found))
