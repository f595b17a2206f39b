"""Wires the JSON API, which answers HTTP requests of the app origin."""

import os
from typing import Any

from functions.api.context import ApiContext
from functions.api.handler import answer
from functions.api.settings import Settings
from ocello import settings
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ)
_ports = ApiContext(
    clock=_wiring.clock,
    random_bytes=_wiring.random_bytes,
    sending=_wiring.sending,
    days=_wiring.message_days,
    suppressions=_wiring.suppressions,
    users=_wiring.users,
    settings=_wiring.user_settings,
    accounts=_wiring.accounts,
    credentials=_wiring.credentials,
    directory=_wiring.directory,
    trail=_wiring.trail,
    keys=_wiring.keys,
    alerts=_wiring.alert_panel,
    mutes=_wiring.mutes,
    kept_days=_wiring.day_stats,
    hits=_wiring.shown_hits,
    judge=_wiring.judge,
    consents=_wiring.closing_consents,
    shown_texts=_wiring.shown_texts,
    signer=_wiring.proof_signer,
    questions=_wiring.open_questions,
    asking_texts=_wiring.asking_texts,
    notices=_wiring.notices,
    linked=_wiring.linked,
    engagements=_wiring.engagements,
    inbox=_wiring.inbox,
    imports=_wiring.imports,
    import_queue=_wiring.import_queue,
    mail_domains=_wiring.mail_domains,
    lookup_queue=_wiring.lookup_queue,
    judging=_wiring.judging,
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request."""
    return answer(event, _wiring.authenticator, _ports)
