"""Answers a browser's request: finds out who asks and whether to trust the request, calls the page, and adds headers."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import unquote

from functions.web import csrf, static
from functions.web.context import Need, PageRequest, WebContext
from functions.web.http import Answer, Request, go, opened, read, write
from functions.web.pages import sign_in
from functions.web.rendering import refusals
from functions.web.rendering.render import render
from ocello.adapters import language
from ocello.adapters.metrics import write_unexpected
from ocello.domain.common import errors
from ocello.domain.common.errors import Forbidden, NotFound, Unauthenticated
from ocello.domain.people.preferences import Language, Preferences
from ocello.services.people.sign_in import AuthenticatedSession


class Route(NamedTuple):
    """A page: method, address, and who may ask for it.

    `active` is False if a script asks for it, which does not keep a session alive.
    """

    method: str
    template: str
    page: Callable[[PageRequest], Answer]
    need: Need = "person"
    active: bool = True


_STATUS: dict[type[Exception], HTTPStatus] = {
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_LONGEST_PARAM = 200  # characters; every id of ours is shorter
_FAILED = "Something went wrong on our side. It was recorded."
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}


def policy(targets: tuple[str, ...]) -> str:
    """Return the pages' Content-Security-Policy; `targets` are origins to which the answer to a form may redirect."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"frame-src 'self'; form-action {' '.join(("'self'", *targets))}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _params(template: str, path: str) -> dict[str, str] | None:
    """Return the values of a path by the names that stand for them in a template: `/app/mail/<message>`.

    None if it is another page's path, or a value is longer than any id or not printable.
    """
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    values = {}
    for name, part in zip(wanted, given, strict=True):
        if not name.startswith("<"):
            if name != part:
                return None
        elif not part:
            return None
        else:
            values[name.strip("<>")] = unquote(part)
    good = all(len(value) <= _LONGEST_PARAM and value.isprintable() for value in values.values())
    return values if good else None


class WebHandler:
    """Answers events with the pages of `routes`."""

    def __init__(self, routes: tuple[Route, ...], context: WebContext) -> None:
        self._context = context
        self._routes = routes
        self._headers = {**_FIXED, "Content-Security-Policy": policy(context.form_targets)}

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """Answer an HTTP API event, whatever it holds and whatever goes wrong."""
        request = opened(event)
        try:
            found = self._answered(request, event)
        except Exception as error:  # noqa: BLE001 — the last handler: everyone gets an answer, and the error is counted
            write_unexpected(error, self._context.clock())
            found = self._failed(request)
        return write(found, self._headers, request)

    def _answered(self, request: Request, event: dict[str, Any]) -> Answer:
        try:
            request = read(request, event)
            return self._answer(request)
        except errors.OcelloError as error:
            return self._refusal(request, error)

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith(static.PREFIX) and request.method == "GET":
            file = static.serve(request.path)
            if file is None:
                raise NotFound("there is nothing at this address")
            return file
        match request.method, request.path:
            case "GET", "/":
                return go(sign_in.HOME)
            case "GET", sign_in.SIGN_IN:
                return sign_in.begin(request, self._context)
            case "GET", sign_in.CALLBACK:
                return sign_in.complete(request, self._context)
        return self._inside(request)

    def _inside(self, request: Request) -> Answer:
        route, params = self._find(request)
        leaving = (request.method, request.path) == ("POST", sign_in.SIGN_OUT)
        if route is None and not leaving:
            raise NotFound("there is nothing at this address")
        authenticated = self._authenticated(request, active=route.active if route else False)
        if request.method != "GET":
            check_origin(request, self._context.app_origin)
            given = request.headers.get("x-csrf") or request.form().one("csrf")
            if not csrf.is_of(given, authenticated.session.csrf):
                raise Forbidden("this form is no longer good: reload the page and try again")
        if route is None:
            return sign_in.sign_out(request, self._context)
        if route.need == "administrator" and not authenticated.user.admin:
            raise NotFound("there is nothing at this address")
        page_request = PageRequest(
            request, self._context, authenticated, self._context.preferences.read(authenticated.user.id), params
        )
        found = route.page(page_request)
        if not authenticated.name:
            return found
        cookies = (*found.cookies, sign_in.session_cookie(authenticated.name))
        return Answer(found.body, found.status, found.content_type, found.headers, cookies)

    def _authenticated(self, request: Request, *, active: bool) -> AuthenticatedSession:
        name = request.cookies.get(sign_in.SESSION, "")
        return self._context.web_sign_in.authenticate(name, self._context.address_of(request), active=active)

    def _find(self, request: Request) -> tuple[Route | None, dict[str, str]]:
        for route in self._routes:
            params = _params(route.template, request.path) if route.method == request.method else None
            if params is not None:
                return route, params
        return None, {}

    def _refusal(self, request: Request, error: errors.OcelloError) -> Answer:
        """Return the answer to a refused request: a page, or only the words if a part of a page was asked for."""
        status = next((found for kind, found in _STATUS.items() if isinstance(error, kind)), None)
        if status is None:
            raise error
        if isinstance(error, Unauthenticated) and request.path != sign_in.CALLBACK:
            address = sign_in.address_for(request)
            if request.by_htmx:
                return Answer("", HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": sign_in.SIGN_IN})
            return go(address)
        page_request = self._page_request(request)
        lang = page_request.lang if page_request else _language(request)
        page = self._page_of(request, page_request, status, refusals.words(lang, error))
        return replace(page, headers={"Retry-After": str(error.seconds)}) if isinstance(error, errors.TooMany) else page

    def _failed(self, request: Request) -> Answer:
        """Return the answer to an unexpected error, with the navigation if it can still be found out who asks."""
        try:
            page_request = self._page_request(request)
        except Exception:  # noqa: BLE001 — this may be what failed, and it was recorded
            page_request = None
        lang = page_request.lang if page_request else _language(request)
        return self._page_of(request, page_request, HTTPStatus.INTERNAL_SERVER_ERROR, language.say(lang, _FAILED))

    def _page_request(self, request: Request) -> PageRequest | None:
        """Return the request with its user, if that can be known."""
        try:
            authenticated = self._authenticated(request, active=False)
            return PageRequest(
                request, self._context, authenticated, self._context.preferences.read(authenticated.user.id), {}
            )
        except errors.OcelloError:
            return None

    def _page_of(self, request: Request, page_request: PageRequest | None, status: HTTPStatus, words: str) -> Answer:
        """Return a page with the signed-in person's navigation; only the words if a part of a page was asked for."""
        if page_request is not None:
            template = "layout/part/refusal.html" if request.by_htmx else "layout/error.html"
            return Answer(page_request.part(template, status=int(status), words=words), status)
        lang = _language(request)
        forms = language.Forms(lang, Preferences().zone, self._context.clock())
        template = "layout/part/refusal.html" if request.by_htmx else "layout/error_outside.html"
        return Answer(
            render(template, lang=lang, forms=forms, status=int(status), words=words, theme="auto"),
            status,
        )


def _language(request: Request) -> Language:
    return language.best_language(request.headers.get("accept-language", ""))


def check_origin(request: Request, origin: str) -> None:
    """Raise Forbidden for a change that another site requests.

    Browsers say where a request comes from (Fetch Metadata, and Origin on every POST). A request without either does
    not come from a browser.
    """
    site = request.headers.get("sec-fetch-site")
    stated = request.headers.get("origin")
    if (site is not None and site != "same-origin") or (stated is not None and stated != origin):
        raise Forbidden("this request came from another site")
    if site is None and stated is None:
        raise Forbidden("this request does not say where it comes from")
