"""Wires the web application, which answers browsers with pages."""

import os
from typing import Any

from functions.web.context import WebContext
from functions.web.handler import WebHandler
from functions.web.pages import sign_in
from functions.web.routes import ROUTES
from functions.web.settings import Settings
from ocello import settings
from ocello.adapters.metrics import write_line
from ocello.wiring.cold import Wiring

_settings = settings.read(Settings, os.environ)
_wiring = Wiring(_settings, os.environ)
_handler = WebHandler(
    ROUTES,
    WebContext(
        web_sign_in=_wiring.web_sign_in(sign_in.HOME, sign_in.CALLBACK),
        sending=_wiring.sending,
        users=_wiring.users,
        settings=_wiring.user_settings,
        accounts=_wiring.accounts,
        credentials=_wiring.credentials,
        directory=_wiring.directory,
        trail=_wiring.trail,
        deletions=_wiring.deletion_log,
        keys=_wiring.keys,
        alerts=_wiring.alert_panel,
        mutes=_wiring.mutes,
        days=_wiring.message_days,
        kept_days=_wiring.day_stats,
        samples=_wiring.samples,
        pools=_wiring.pools,
        hits=_wiring.shown_hits,
        preferences=_wiring.preferences,
        inbox=_wiring.inbox,
        engagements=_wiring.engagements,
        linked=_wiring.linked,
        imports=_wiring.imports,
        import_queue=_wiring.import_queue,
        mail_domains=_wiring.mail_domains,
        lookup_queue=_wiring.lookup_queue,
        drafts=_wiring.drafts,
        contacts=_wiring.contacts,
        probe=_wiring.probe,
        clock=_wiring.clock,
        random_bytes=_wiring.random_bytes,
        judging=_wiring.judging,
        app_origin=_settings.app_origin,
        form_targets=_wiring.provider_origins,
        cookie_key=sign_in.key_of(_settings.token_keys),
        address_header=_settings.client_address_header.lower(),
    ),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request, and log its method and status, nothing else."""
    answer = _handler.answer(event)
    method = event["requestContext"]["http"]["method"]
    write_line("web", _wiring.clock(), {}, method=method, status=answer["statusCode"])
    return answer
