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


def sign(asked: PageRequest) -> Answer:
    """Set the signature. Only harmless HTML is kept; its images are kept as long as it shows them."""
    mail = asked.house.post.mail
    typed = clean(asked.request.form().one("signature"))
    shown = shown_images(typed)
    html = typed if shown or text_of(typed) else ""
    try:
        preferences = signed(asked.preferences, html)
        keep_images(asked.user, shown, mail)
    except Invalid as error:
        return settings_page(asked, asked.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY, typed)
    except TooLarge as error:
        return settings_page(asked, asked.refusal(error), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, typed)
    asked.house.preferences.sign(asked.user, preferences.signature)
    let_go_images(asked.user, set(shown_images(asked.preferences.signature)) - set(shown), mail)
    return go("/app/settings?done=signature")
