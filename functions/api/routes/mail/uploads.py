"""Attachments, which are uploaded before the message that carries them."""

from functions.api import schemas
from functions.api.context import declared, new_router, request_in

router = new_router()


@declared(
    router,
    "makeUpload",
    summary="Get a form to upload one attachment",
    description='Post the file with the form, then name it as `{"upload": id, "filename": …}` in a message.',
    status_code=201,
    tags=["messages"],
)
def make() -> schemas.UploadForm:
    """Return a presigned form, valid for some minutes."""
    request = request_in(router)
    identifier, form = request.ports.uploads.form(request.user)
    return schemas.UploadForm.model_validate({"id": identifier, **form})
