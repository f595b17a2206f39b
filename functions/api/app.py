"""Wires the JSON API, which answers HTTP requests of the app origin."""

import os
from typing import Any

from functions.api.context import ApiContext
from functions.api.handler import answer
from functions.api.settings import Settings
from ocello import settings
from ocello.wiring.cold import Wiring
from ocello.wiring.late import late

_wiring = Wiring(settings.read(Settings, os.environ), os.environ)
_wiring.check()
_ports = late(
    ApiContext,
    clock=lambda: _wiring.clock,
    random_bytes=lambda: _wiring.random_bytes,
    sending=lambda: _wiring.sending,
    workspace_rules=lambda: _wiring.workspace_rules,
    days=lambda: _wiring.message_days,
    suppressions=lambda: _wiring.suppressions,
    users=lambda: _wiring.users,
    settings=lambda: _wiring.user_settings,
    accounts=lambda: _wiring.accounts,
    credentials=lambda: _wiring.credentials,
    directory=lambda: _wiring.directory,
    trail=lambda: _wiring.trail,
    keys=lambda: _wiring.keys,
    alerts=lambda: _wiring.alert_panel,
    mutes=lambda: _wiring.mutes,
    kept_days=lambda: _wiring.day_stats,
    hits=lambda: _wiring.shown_hits,
    judge=lambda: _wiring.judge,
    consents=lambda: _wiring.closing_consents,
    shown_texts=lambda: _wiring.shown_texts,
    signer=lambda: _wiring.proof_signer,
    questions=lambda: _wiring.open_questions,
    asking_texts=lambda: _wiring.asking_texts,
    notices=lambda: _wiring.notices,
    linked=lambda: _wiring.linked,
    engagements=lambda: _wiring.engagements,
    inbox=lambda: _wiring.inbox,
    imports=lambda: _wiring.imports,
    import_queue=lambda: _wiring.import_queue,
    mail_domains=lambda: _wiring.mail_domains,
    lookup_queue=lambda: _wiring.lookup_queue,
    subject_requests=lambda: _wiring.subject_requests,
    received=lambda: _wiring.received_mails,
    judging=lambda: _wiring.judging,
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request."""
    return answer(event, _wiring.authenticator, _ports)
