"""Answers one request for the recipient's page, whatever the request holds and whatever storage does."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from functions.privacy import page as pages
from functions.privacy.page import Operator, StatusMessage, View
from functions.privacy.request import MOST, Request, WrongKind, read
from ocello.adapters.metrics import Figure, write_line, write_unexpected
from ocello.domain.common.errors import BadToken, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from ocello.domain.consent.ledger import Confirmation
from ocello.domain.consent.networks import cut
from ocello.domain.consent.notices import NOTICE_LANGUAGES, NoticeLanguage, wished_language
from ocello.domain.retention.jobs import RIGHTS, SubjectRight
from ocello.domain.tracking import tokens
from ocello.domain.tracking.forms import is_form_of, sign_form
from ocello.domain.tracking.tokens import Keyring, Token
from ocello.domain.verdicts.programs.clients import client_of
from ocello.services.common.ports import Clock
from ocello.services.consent.page import STOPS, Proof, RecipientPage, Shown
from ocello.services.retention.rights_page import RightsPage

_PREFIX = "/p/"


class PrivacyHandler(NamedTuple):
    """What the page needs: the use cases, the keys of tokens and forms, who records, and a trusted proxy's header."""

    page: RecipientPage
    rights: RightsPage
    keyring: Keyring
    operator: Operator
    address_header: str
    clock: Clock

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an HTTP API event (payload 2.0)."""
        request = read(event)
        view, did = View(_language(request), self.clock(), ticket=request.query.get("ticket", "")), ""
        try:
            view, did = self._answered(request, view)
        except Exception as error:  # noqa: BLE001 — everyone gets a page, and the error is counted
            write_unexpected(error, self.clock())
            view = view._replace(status=HTTPStatus.INTERNAL_SERVER_ERROR, message=StatusMessage("not_kept"))
        figures = {"Refusals": Figure(int(did == "done")), "RefusalsReceived": Figure(int(did == "received"))}
        write_line("page answered", self.clock(), figures, status=int(view.status), method=request.method, did=did)
        body = "" if request.method == "HEAD" else pages.page(view, self.operator)
        return {"statusCode": int(view.status), "headers": {**pages.HEADERS}, "body": body, "isBase64Encoded": False}

    def _answered(self, request: Request, view: View) -> tuple[View, str]:
        """Return what the page shows, and what was done: nothing unless a form of ours was sent."""
        missing = view._replace(status=HTTPStatus.NOT_FOUND), ""
        if not request.path.startswith(_PREFIX) or request.method not in ("GET", "HEAD", "POST"):
            return missing
        try:
            token = tokens.verify_in_path(self.keyring, request.path.removeprefix(_PREFIX), tokens.PRIVACY)
            view = view._replace(form=sign_form(self.keyring, token, view.now // 1000))
            if request.method == "POST":
                return self._posted(request, view, token)
            return self._showing(view, token), ""
        except (BadToken, NotFound):
            return missing

    def _showing(self, view: View, token: Token) -> View:
        """Return the view with what applies, if that can be read. Raises NotFound."""
        try:
            if view.ticket:
                return view._replace(right=self.rights.show(token, view.ticket))
            return view._replace(shown=self.page.show(token))
        except Unavailable:
            return view

    def _posted(self, request: Request, view: View, token: Token) -> tuple[View, str]:
        status, message = HTTPStatus.BAD_REQUEST, StatusMessage("wrong_field", {"field": "do"})
        try:
            form = request.form()
            do = form.get("do", "")
            right = next((each for each in RIGHTS if each == do), None)
            if not is_form_of(self.keyring, form.get("form", ""), token, view.now // 1000):
                status, message = HTTPStatus.FORBIDDEN, StatusMessage("expired")
            elif right is not None:
                return self._begun(right, view, token) if view.ticket else self._wished(right, view, token)
            elif not view.ticket and (do in STOPS or do == "allow"):
                return self._done(do, request, view, token)
        except WrongKind as wrong:
            status, message = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, StatusMessage("wrong_kind", {"kind": str(wrong)[:80]})
        except TooLarge:
            status, message = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, StatusMessage("too_long", {"most": MOST})
        except Invalid as invalid:
            message = StatusMessage("wrong_field", {"field": invalid.field})
        return self._showing(view, token)._replace(status=status, message=message), ""

    def _done(self, do: str, request: Request, view: View, token: Token) -> tuple[View, str]:
        proof = Proof(pages.text_of(view.language).notice, self._confirmation(request))
        try:
            shown: Shown | None
            if do == "allow":
                shown = self.page.allow(token, proof)
                return view._replace(shown=shown, message=StatusMessage("done")), "allowed"
            shown = self.page.stop(token, next(each for each in STOPS if each == do), proof)
        except Forbidden:
            return self._showing(view, token)._replace(
                status=HTTPStatus.FORBIDDEN, message=StatusMessage("cannot_allow")
            ), ""
        except Unavailable:
            return view._replace(status=HTTPStatus.SERVICE_UNAVAILABLE, message=StatusMessage("not_kept")), ""
        if shown is None:
            return view._replace(status=HTTPStatus.ACCEPTED, message=StatusMessage("received"), form=""), "received"
        return view._replace(shown=shown, message=StatusMessage("done")), "done"

    def _wished(self, do: SubjectRight, view: View, token: Token) -> tuple[View, str]:
        """Have a mail sent. The answer is the same whoever asks, and however often."""
        try:
            self.rights.ask(token, do, view.language)
        except Unavailable:
            message = StatusMessage("not_wished")
            return view._replace(status=HTTPStatus.SERVICE_UNAVAILABLE, message=message), ""
        return self._showing(view, token)._replace(
            status=HTTPStatus.ACCEPTED, message=StatusMessage("wished")
        ), f"asked {do}"

    def _begun(self, do: SubjectRight, view: View, token: Token) -> tuple[View, str]:
        """Start what a mail's link is for, or show where its export can be fetched."""
        try:
            return view._replace(right=self.rights.begin(token, view.ticket, do)), f"began {do}"
        except Forbidden:
            return self._showing(view, token)._replace(status=HTTPStatus.FORBIDDEN), ""
        except Unavailable:
            message = StatusMessage("not_wished")
            return self._showing(view, token)._replace(status=HTTPStatus.SERVICE_UNAVAILABLE, message=message), ""

    def _confirmation(self, request: Request) -> Confirmation:
        """Return what is kept of the request: its id, the network it came from, and the kind of program."""
        named = request.headers.get(self.address_header.lower(), "") if self.address_header else ""
        client = client_of(request.headers.get("user-agent", ""))
        agent = " ".join(each for each in (client.engine or client.kind.value, client.platform) if each)
        return Confirmation(request.id[:100], cut(named.rpartition(",")[2].strip() or request.source), agent)


def _language(request: Request) -> NoticeLanguage:
    """Return the language that the link names, else the browser's."""
    asked = request.query.get("lang", "")
    named = next((each for each in NOTICE_LANGUAGES if each == asked), None)
    return named or wished_language(request.headers.get("accept-language", ""))
