"""Attachments, uploaded before the message that carries them."""

from functions.api import schemas
from functions.api.context import new_router, request_in
from ocello.domain.common.ids import uuid7
from ocello.domain.messages.message import MAX_MESSAGE_BYTES
from ocello.services.sending.outgoing import upload_name

router = new_router()


@router.post(
    "/v1/uploads",
    summary="Get a form to upload one attachment",
    description='Post the file with the form, then name it as `{"upload": id, "filename": …}` in a message.',
    status_code=201,
    tags=["messages"],
    operation_id="makeUpload",
)
def make() -> schemas.UploadForm:
    """Make a presigned form, good for some minutes."""
    request = request_in(router)
    ports = request.ports
    identifier = uuid7(ports.clock(), ports.random_bytes(10))
    form = ports.sending.mail.form_to_put(upload_name(request.user, identifier), MAX_MESSAGE_BYTES)
    return schemas.UploadForm.model_validate({"id": identifier, **form})
