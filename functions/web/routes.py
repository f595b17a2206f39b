"""The one table of pages."""

import importlib
from collections.abc import Callable

from functions.web.context import PageRequest
from functions.web.handler import Route
from functions.web.http import Answer


class _Module:
    """A module of `functions.web.pages`, imported when one of its pages is first asked for: a request needs few of them."""

    def __init__(self, name: str) -> None:
        self._name = f"functions.web.pages.{name}"

    def __getattr__(self, page: str) -> Callable[[PageRequest], Answer]:
        def answer(request: PageRequest) -> Answer:
            found: Answer = getattr(importlib.import_module(self._name), page)(request)
            return found

        return answer


alerts = _Module("alerts")
consents = _Module("consents")
imports = _Module("imports")
pools = _Module("pools")
statistics = _Module("statistics")
audit = _Module("administration.audit")
deletions = _Module("administration.deletions")
evidence = _Module("administration.evidence")
rules = _Module("administration.rules")
users = _Module("administration.users")
drafts = _Module("compose.drafts")
answers = _Module("compose.answers")
images = _Module("compose.images")
people = _Module("compose.people")
uploads = _Module("compose.uploads")
item_form = _Module("items.item_form")
items = _Module("items.items")
attachments = _Module("mail.attachments")
body = _Module("mail.body")
conversations = _Module("mail.conversations")
inbox = _Module("mail.inbox")
team = _Module("mail.team")
accounts = _Module("settings.accounts")
settings = _Module("settings.settings")
signature = _Module("settings.signature")
proofs, requests = _Module("privacy.proofs"), _Module("privacy.people")

ROUTES: tuple[Route, ...] = (
    Route("GET", "/app", inbox.show),
    Route("GET", "/app/conversations/<conversation>", conversations.show),
    Route("GET", "/app/conversations/<conversation>/times", conversations.times, active=False),
    Route("POST", "/app/conversations/<conversation>/mute", conversations.mute),
    Route("POST", "/app/conversations/<conversation>/unmute", conversations.unmute),
    Route("GET", "/app/messages/<message>", conversations.message),
    Route("GET", "/app/messages/<message>/body", body.show),
    Route("GET", "/app/messages/<message>/attachments", attachments.show, active=False),
    Route("GET", "/app/messages/<message>/attachments/<number>", attachments.fetch),
    Route("GET", "/app/messages/<message>/hits", conversations.message_hits),
    Route("GET", "/app/messages/<message>/times", conversations.message_times, active=False),
    Route("POST", "/app/messages/<message>/sharing", conversations.change),
    Route("POST", "/app/messages/<message>/answer", answers.send),
    Route("POST", "/app/messages/<message>/recipients/<index>/send", conversations.resend),
    Route("GET", "/app/compose", drafts.write),
    Route("POST", "/app/check", drafts.check),
    Route("POST", "/app/uploads", uploads.begin),
    Route("POST", "/app/uploads/<upload>", uploads.finish),
    Route("POST", "/app/uploads/<upload>/<number>", uploads.take),
    Route("POST", "/app/images", images.upload),
    Route("GET", "/app/images/<image>", images.show),
    Route("GET", "/app/drafts", drafts.drafts),
    Route("GET", "/app/drafts/<draft>", drafts.resume),
    Route("POST", "/app/drafts/<draft>", drafts.save),
    Route("POST", "/app/drafts/<draft>/ready", drafts.ready),
    Route("POST", "/app/drafts/<draft>/discard", drafts.discard),
    Route("POST", "/app/drafts/<draft>/restore", drafts.restore),
    Route("POST", "/app/drafts/<draft>/send", drafts.dispatch),
    Route("GET", "/app/people", people.options),
    Route("GET", "/app/people/names", people.known),
    Route("GET", "/app/items", items.show_all),
    Route("GET", "/app/pick", items.pick),
    Route("GET", "/app/pick/<type>", items.options),
    Route("GET", "/app/items/new", item_form.begin),
    Route("POST", "/app/items/new", item_form.make),
    Route("GET", "/app/items/import", imports.show),
    Route("POST", "/app/items/import", imports.take),
    Route("GET", "/app/items/import/sample.csv", imports.sample),
    Route("GET", "/app/items/import/<import>", imports.read),
    Route("GET", "/app/items/import/<import>/progress", imports.progress, active=False),
    Route("GET", "/app/items/import/<import>/refused.csv", imports.refused),
    Route("GET", "/app/items/<type>/<item>", items.show),
    Route("GET", "/app/items/<type>/<item>/edit", item_form.edit),
    Route("POST", "/app/items/<type>/<item>/edit", item_form.change),
    Route("GET", "/app/items/<type>/<item>/delete", item_form.ask_delete),
    Route("POST", "/app/items/<type>/<item>/delete", item_form.delete),
    Route("GET", "/app/alerts", alerts.panel),
    Route("GET", "/app/alerts/bulb", alerts.bulb, active=False),
    Route("GET", "/app/alerts/follow", alerts.follow),
    Route("POST", "/app/alerts/read", alerts.read),
    Route("GET", "/app/statistics", statistics.show),
    Route("GET", "/app/statistics/pools", pools.show),
    Route("GET", "/app/team/<group>", team.show),
    Route("GET", "/app/settings", settings.show),
    Route("POST", "/app/settings/tracking", settings.switch),
    Route("POST", "/app/settings/alerts", settings.choose_alerts),
    Route("POST", "/app/settings/preferences", settings.prefer),
    Route("POST", "/app/settings/zone", settings.zone),
    Route("POST", "/app/settings/signature", signature.sign),
    Route("POST", "/app/settings/sign-out-everywhere", settings.sign_out_everywhere),
    Route("GET", "/app/settings/accounts", accounts.show),
    Route("POST", "/app/settings/accounts", accounts.connect),
    Route("POST", "/app/settings/accounts/disconnect", accounts.disconnect),
    Route("POST", "/app/settings/accounts/invite", accounts.invite),
    Route("GET", "/app/settings/keys", settings.keys),
    Route("POST", "/app/settings/keys", settings.make_key),
    Route("POST", "/app/settings/keys/<key>/revoke", settings.revoke_key),
    Route("GET", "/app/users", users.show, "administrator"),
    Route("POST", "/app/users", users.invite, "administrator"),
    Route("POST", "/app/users/<user>/groups", users.set_groups, "administrator"),
    Route("POST", "/app/users/<user>/disabled", users.set_disabled, "administrator"),
    Route("POST", "/app/users/<user>/invitation", users.invite_again, "administrator"),
    Route("GET", "/app/audit", audit.trail, "administrator"),
    Route("GET", "/app/evidence", evidence.show, "administrator"),
    Route("GET", "/app/deletions", deletions.show, "administrator"),
    Route("GET", "/app/rules", rules.show, "administrator"),
    Route("POST", "/app/rules", rules.change, "administrator"),
    Route("GET", "/app/consents", consents.show),
    Route("GET", "/app/consents/proof", consents.proof),
    Route("POST", "/app/consents/ask", consents.ask),
    Route("POST", "/app/consents/spoken", consents.note),
    Route("GET", "/app/consents/import", imports.show, "administrator"),
    Route("POST", "/app/consents/import", imports.take, "administrator"),
    Route("GET", "/app/consents/import/sample.csv", imports.sample, "administrator"),
    Route("GET", "/app/consents/import/<import>", imports.read, "administrator"),
    Route("GET", "/app/consents/import/<import>/progress", imports.progress, "administrator", active=False),
    Route("GET", "/app/consents/import/<import>/refused.csv", imports.refused, "administrator"),
    Route("GET", "/app/privacy", proofs.overview, "administrator"),
    Route("GET", "/app/privacy/counts", proofs.counts, "administrator"),
    Route("GET", "/app/privacy/closings", proofs.closings, "administrator"),
    Route("GET", "/app/privacy/ledger", proofs.ledger, "administrator"),
    Route("GET", "/app/privacy/head", proofs.head, "administrator"),
    Route("GET", "/app/privacy/papers/<paper>", proofs.paper, "administrator"),
    Route("GET", "/app/privacy/people", requests.show, "administrator"),
    Route("POST", "/app/privacy/person", requests.look_up, "administrator"),
    Route("POST", "/app/privacy/person/ask", requests.ask, "administrator"),
    Route("GET", "/app/privacy/people/<job>", requests.job, "administrator"),
    Route("GET", "/app/notices", audit.notices),
    Route("POST", "/app/notices/seen", audit.seen),
)
