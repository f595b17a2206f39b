"""The signature that stands under new mail."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.composer_html import clean, shown_images
from functions.web.pages.settings import settings_page
from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.mail.bodies import text_of
from ocello.domain.people.preferences import signed
from ocello.services.people.signature import keep_images, let_go_images


def sign(request: PageRequest) -> Answer:
    """Set the signature. Only harmless HTML is kept; its images are kept as long as it shows them."""
    mail = request.context.sending.mail
    typed = clean(request.http.form().one("signature"))
    shown = shown_images(typed)
    html = typed if shown or text_of(typed) else ""
    try:
        preferences = signed(request.preferences, html)
        keep_images(request.user, shown, mail)
    except Invalid as error:
        return settings_page(request, request.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY, typed)
    except TooLarge as error:
        return settings_page(request, request.refusal(error), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, typed)
    request.context.preferences.sign(request.user, preferences.signature)
    let_go_images(request.user, set(shown_images(request.preferences.signature)) - set(shown), mail)
    return go("/app/settings?done=signature")
