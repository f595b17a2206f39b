"""The images of a mail's text: uploaded, and shown in the editor."""

from functions.web.context import PageRequest
from functions.web.http import Answer


def upload(request: PageRequest) -> Answer:
    """Take an image for the text; answer with its address in the editor."""
    identifier = request.context.uploads.add_image(request.user, request.http.body)
    return Answer(f"/app/images/{identifier}", content_type="text/plain; charset=utf-8")


def show(request: PageRequest) -> Answer:
    """Show an image that the user uploaded; any other upload is not found."""
    content, kind = request.context.uploads.image(request.user, request.params["image"])
    return Answer(content, content_type=kind)
