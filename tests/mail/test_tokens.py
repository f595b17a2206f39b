"""An account that signs in with a provider's tokens sends through a real server; an access token that ended is renewed."""

import pytest

from ocello.adapters.smtp.transport import SmtpTransport
from ocello.domain.people.credentials import OAuthTokens
from ocello.domain.people.users import Account, SmtpServer
from ocello.services.accounts.credentials import AccountCredentials
from tests import fakes
from tests.fakes.sending.accounts import MemoryTokenIssuer
from tests.mail.dovecot import HOST

REP = "rep@example.test"
COPY = b"From: rep@example.test\r\nMessage-ID: <m@example.test>\r\n\r\nHello\r\n"


@pytest.mark.parametrize(("left", "shown"), [(3_600_000, "access-0"), (0, "access-1")], ids=["lasts", "ended"])
def test_tokens_send_copies_and_are_renewed_once_for_all_of_them(server, left, shown):
    clock, accounts = fakes.Clock(), fakes.MemoryAccountStore()
    issuer = MemoryTokenIssuer(clock)
    seal, before = fakes.MemoryCredentialSeal(), fakes.MemorySecretStore()
    credentials = AccountCredentials(accounts.credentials, seal, before, clock, {"google": issuer})
    smtp = SmtpServer(HOST, server.ports["submission"], "starttls", REP)
    account = Account("u", REP, "Rita", "smtp", verified=True, smtp=smtp)
    tokens = OAuthTokens("google", "access-0", "refresh-0", clock() + left, ("mail",), clock())
    assert accounts.write(account, None, secret=credentials.sealed(account, tokens))
    server.tokens.users[shown] = REP
    transport = SmtpTransport(
        lambda each: credentials.use(each, accounts),
        allow_private=True,
        trust=server.files.trust(),
        resolver=lambda *_: ["127.0.0.1"],
    )
    for _ in range(2):
        transport.send(account, "buyer@customer.test", COPY, {})
    assert len(server.relay.taken) == 2
    assert server.tokens.asked == [shown, shown]
    assert len(issuer.asked) == (0 if left else 1)
