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
from ocello.domain.retention.periods import Periods
from ocello.wiring.cold import Wiring
from ocello.wiring.late import late

_settings = settings.read(Settings, os.environ)
_wiring = Wiring(_settings, os.environ)
_wiring.check()
_handler = WebHandler(
    ROUTES,
    late(
        WebContext,
        web_sign_in=lambda: _wiring.web_sign_in(sign_in.HOME, sign_in.CALLBACK),
        sending=lambda: _wiring.sending,
        workspace_rules=lambda: _wiring.workspace_rules,
        users=lambda: _wiring.users,
        settings=lambda: _wiring.user_settings,
        accounts=lambda: _wiring.accounts,
        credentials=lambda: _wiring.credentials,
        directory=lambda: _wiring.directory,
        trail=lambda: _wiring.trail,
        deletions=lambda: _wiring.deletion_log,
        kept_for=lambda: Periods(_settings.hit_ttl_days, _settings.engagement_days),
        evidence=lambda: _wiring.stack_evidence,
        papers=lambda: _wiring.papers,
        keys=lambda: _wiring.keys,
        alerts=lambda: _wiring.alert_panel,
        mutes=lambda: _wiring.mutes,
        days=lambda: _wiring.message_days,
        kept_days=lambda: _wiring.day_stats,
        samples=lambda: _wiring.samples,
        pools=lambda: _wiring.pools,
        hits=lambda: _wiring.shown_hits,
        preferences=lambda: _wiring.preferences,
        inbox=lambda: _wiring.inbox,
        engagements=lambda: _wiring.engagements,
        linked=lambda: _wiring.linked,
        imports=lambda: _wiring.imports,
        import_queue=lambda: _wiring.import_queue,
        mail_domains=lambda: _wiring.mail_domains,
        lookup_queue=lambda: _wiring.lookup_queue,
        subject_requests=lambda: _wiring.subject_requests,
        received=lambda: _wiring.received_mails,
        drafts=lambda: _wiring.drafts,
        contacts=lambda: _wiring.contacts,
        probe=lambda: _wiring.probe,
        clock=lambda: _wiring.clock,
        random_bytes=lambda: _wiring.random_bytes,
        judging=lambda: _wiring.judging,
        suppressions=lambda: _wiring.suppressions,
        consents=lambda: _wiring.handed_on_consents,
        shown_texts=lambda: _wiring.shown_texts,
        signer=lambda: _wiring.proof_signer,
        questions=lambda: _wiring.open_questions,
        asking_texts=lambda: _wiring.asking_texts,
        notices=lambda: _wiring.notices,
        app_origin=lambda: _settings.app_origin,
        form_targets=lambda: _wiring.provider_origins,
        cookie_key=lambda: sign_in.key_of(_settings.token_keys),
        address_header=_settings.client_address_header.lower,
    ),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request, and log its method and status, nothing else."""
    answer = _handler.answer(event)
    method = event["requestContext"]["http"]["method"]
    write_line("web", _wiring.clock(), {}, method=method, status=answer["statusCode"])
    return answer
