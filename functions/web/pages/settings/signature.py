"""The signature under new mail."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.settings.settings import settings_page
from functions.web.rendering.composer_html import clean, shown_images
from ocello.domain.common.errors import Invalid, TooLarge


def sign(request: PageRequest) -> Answer:
    """Set the signature. Only harmless HTML is kept; its images are kept as long as it shows them."""
    html = clean(request.http.form().one("signature"))
    try:
        request.context.preference_editor.save_signature(
            request.user, html, shown_images(html), shown_images(request.preferences.signature)
        )
    except Invalid as error:
        return settings_page(request, request.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY, html)
    except TooLarge as error:
        return settings_page(request, request.refusal(error), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, html)
    return go("/app/settings?done=signature")
