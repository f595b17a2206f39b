"""Line breaks, NUL, bidi controls and endless texts in every field that becomes a header, of a mail or of an answer.

Each field × each attack is refused with its field named, or goes out as one header of the kind that it is.
"""

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from functions.web.pages import sign_in
from ocello.domain.common.errors import Invalid
from ocello.domain.common.ids import uuid7
from ocello.domain.mail.addresses import quoted_string
from ocello.domain.mail.compose import Draft, Enclosed, Track
from ocello.domain.people.users import Account
from ocello.services.accounts.accounts import SendingAccounts
from ocello.services.accounts.credentials import AccountCredentials
from ocello.services.alerts.ports import ShownAlert
from ocello.services.sending.outgoing import original_name, upload_name
from ocello.services.sending.send import send
from tests import fakes
from tests.fakes.web import REP, Stage
from tests.fakes.world import USER

INJECTED = "Bcc: evil@elsewhere.test"
BREAKS = {  # all that some reader of headers takes for the end of a line, and NUL, at which some stop
    "CRLF": f"\r\n{INJECTED}",
    "CR": f"\r{INJECTED}",
    "LF": f"\n{INJECTED}",
    "folded": f"\r\n {INJECTED}",
    "end of the head": "\r\n\r\n<p>evil</p>",
    "NUL": f"\0{INJECTED}",
    "vertical tab": f"\x0b{INJECTED}",
    "form feed": f"\x0c{INJECTED}",
    "next line": f"\x85{INJECTED}",
    "line separator": f"\u2028{INJECTED}",
    "paragraph separator": f"\u2029{INJECTED}",
    "delete": f"\x7f{INJECTED}",
    "half a surrogate pair": f"\ud83d{INJECTED}",
}
TRICKS = {  # no breaks: these may go out, if they stay within their header
    "right to left": "\u202eevil\u202c",
    "isolate": "\u2067evil\u2069",
    "zero width": "ev\u200bil\ufeff",
    "encoded word": "=?utf-8?q?=0D=0ABcc:_evil@elsewhere.test?=",
    "percent": f"%0d%0a{quote(INJECTED)}",
    "quotation marks": '"; evil="x',
    "long": "x" * 700,
    "long without a space to fold at, beyond ASCII": "é" * 400,
}
EITHER = {**BREAKS, **TRICKS}
BOTH = Track(opens=True, clicks=True)
UPLOAD = "01900000-0000-7000-8000-00000000f11e"


def named(text):
    return f"{quoted_string(text)} <buyer@customer.test>"


# How a text comes into a mail, and what a refusal calls the field.
FIELDS: dict[str, tuple[Callable[[str], dict[str, Any]], str]] = {
    "subject": (lambda text: {"subject": f"Offer {text}"}, "subject"),
    "name in To": (lambda text: {"to": (named(text),)}, "to[0]"),
    "name in Cc": (lambda text: {"cc": (named(text),)}, "cc[0]"),
    "name in Bcc": (lambda text: {"bcc": (named(text),)}, "bcc[0]"),
    "address in To": (lambda text: {"to": (f"buyer{text}@customer.test",)}, "to[0]"),
    "host in To": (lambda text: {"to": (f"buyer@customer{text}.test",)}, "to[0]"),
    "comment in To": (lambda text: {"to": (f"buyer@customer.test ({text})",)}, "to[0]"),
    "answered Message-ID": (lambda text: {"in_reply_to": f"<a{text}@example.test>"}, "in_reply_to"),
    "name of a file": (
        lambda text: {"attachments": (Enclosed(UPLOAD, f"a{text}.txt"),)},
        "attachments[0].filename",
    ),
}
TURNING = {"right to left", "isolate"}
REFUSED = {  # which tricks a field refuses; all others go out
    "address in To": set(TRICKS) - {"percent"},
    "host in To": set(TRICKS),
    "answered Message-ID": set(TRICKS) - {"percent", "long"},
    "name of a file": {trick for trick in TRICKS if trick.startswith("long")} | TURNING,
    **dict.fromkeys(("subject", "name in To", "name in Cc", "name in Bcc", "comment in To"), TURNING),
}


@pytest.fixture
def sending():
    sending = fakes.sending_ports(USER)
    sending.mail.put(upload_name(USER.id, UPLOAD), b"content", "text/plain")
    return sending


def sent(sending, **fields):
    draft = replace(Draft(to=("ann@customer.test",), subject="Offer", html="<p>x</p>", track=BOTH), **fields)
    stored = send(draft, USER, None, sending)
    raw = sending.mail.files[original_name(stored.message.id)]
    return stored, raw, sending.tracker.copy(raw, stored.message, stored.recipients[0]).raw


def shape(raw):
    """Return the names of all headers, of every part, in order; hold each line of the mail to the rules."""
    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    parts = list(email.message_from_bytes(raw, policy=email.policy.compat32).walk())
    assert not [part.defects for part in parts if part.defects]
    return [list(part.keys()) for part in parts]


@pytest.mark.parametrize("attack", BREAKS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_break_is_refused_by_the_name_of_its_field_and_nothing_is_stored(sending, field, attack):
    fields_of, name = FIELDS[field]
    with pytest.raises(Invalid) as refused:
        sent(sending, **fields_of(BREAKS[attack]))
    assert refused.value.field == name
    assert not sending.messages.messages
    assert not sending.queue.queued


@pytest.mark.parametrize("attack", TRICKS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_trick_is_refused_or_stays_within_its_header(sending, field, attack):
    fields_of, name = FIELDS[field]
    fields = fields_of(TRICKS[attack])
    if attack in REFUSED.get(field, ()):
        with pytest.raises(Invalid) as refused:
            sent(sending, **fields)
        assert refused.value.field == name
        assert not sending.messages.messages
        return
    _, raw, copy = sent(sending, **fields)
    control = shape(sent(sending, **fields_of("x"))[1])
    assert shape(raw) == control
    assert shape(copy) == control
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["From"].addresses[0].addr_spec == USER.address
    assert "evil@elsewhere.test" not in {
        each.addr_spec for key in ("To", "Cc") if read[key] for each in read[key].addresses
    }


def test_what_may_go_out_is_read_again_as_it_was_written(sending):
    """Otherwise the character that `shape` looks for could be lost, and nobody would know."""
    for name, text in TRICKS.items():
        if len(text) < 100 and name not in TURNING:
            _, raw, _ = sent(sending, subject=f"a {text} b", to=(named(text),))
            read = email.message_from_bytes(raw, policy=email.policy.default)
            if not text.startswith("=?"):  # the library's reader decodes what it was told not to
                assert str(read["Subject"]) == f"a {text} b"


@pytest.mark.parametrize("attack", [*BREAKS, "right to left"])
def test_the_name_that_an_account_sends_under_holds_no_controls(attack):
    text, accounts = EITHER[attack], fakes.MemoryAccountStore()
    seal, before = fakes.MemoryCredentialSeal(), fakes.MemorySecretStore()
    credentials = AccountCredentials(accounts.credentials, seal, before, fakes.Clock())
    with pytest.raises(Invalid) as refused:
        SendingAccounts(accounts, credentials, fakes.Clock()).connect(USER, USER.address, f"Rita{text}", None)
    assert refused.value.field == "name"


@pytest.mark.parametrize("attack", TRICKS)
def test_a_name_that_came_with_the_user_stays_within_from(sending, attack):
    sending.accounts.write(Account(USER.id, USER.address, TRICKS[attack], "ses", verified=True))
    control = fakes.sending_ports(USER)
    assert shape(sent(sending)[1]) == shape(sent(control)[1])


# What comes into headers of the web application's answers. Each is asked for with the text in it, encoded and not.
ASKS = {
    "a redirect after signing in": lambda text: (
        "GET",
        f"/app/sign-in?{urlencode({'next': text}, errors='replace')}",
        None,
    ),
    "a redirect to sign in": lambda text: ("GET", f"/app/settings?x={_spelled(text)}", None),
    "the path of what is discarded": lambda text: ("POST", f"/app/drafts/{_spelled(text)}/discard", {}),
    "the path of what is sent": lambda text: ("POST", f"/app/drafts/{_spelled(text)}/send", {"to": "a@b.test"}),
    "the path of an item": lambda text: ("GET", f"/app/items/deal/{_spelled(text)}", None),
    "the path of an image": lambda text: ("GET", f"/app/images/{_spelled(text)}", None),
    "the path of a static file": lambda text: ("GET", f"/app/static/x/{_spelled(text)}", None),
    "a cursor": lambda text: ("GET", f"/app?cursor={_spelled(text)}", None),
    "a search": lambda text: ("GET", f"/app?q={_spelled(text)}", None),
    "an address to disconnect": lambda text: ("POST", "/app/settings/accounts/disconnect", {"address": _known(text)}),
    "a browser's zone": lambda text: ("POST", "/app/settings/zone", {"zone": _known(text)}),
}


def _known(text):
    """Return the text as a form can carry it."""
    return text.encode("utf-8", "replace").decode()


def _spelled(text):
    return quote(_known(text), safe="")


@pytest.mark.parametrize("attack", EITHER)
@pytest.mark.parametrize("asking", ASKS)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "anonymous"])
def test_no_text_becomes_a_header_of_an_answer(asking, attack, signed_in):
    stage = Stage()
    browser = stage.browser(REP if signed_in else None)
    method, address, form = ASKS[asking](EITHER[attack])
    control = browser.get("/app/settings") if signed_in else browser.get("/app/sign-in")
    answer = browser.get(address) if method == "GET" else browser.post(address, form)
    assert answer.status < 500
    assert set(answer.headers) <= {*control.headers, "location"}
    for value in (*answer.headers.values(), *answer.cookies):
        assert value.isascii()
        assert value.isprintable()
    if "location" in answer.headers:
        assert answer.headers["location"].startswith(("/app", "https://id.test/"))


@pytest.mark.parametrize("attack", EITHER)
@pytest.mark.parametrize("name", ["accept-language", "cookie", "hx-request", "x-csrf", "origin", "sec-fetch-site"])
def test_no_header_of_a_request_breaks_the_answer(name, attack):
    browser = Stage().browser(REP)
    answer = browser.ask("GET", "/app/settings", headers={name: EITHER[attack]})
    assert answer.status < 500
    assert all(value.isascii() and value.isprintable() for value in answer.headers.values())


@pytest.mark.parametrize("attack", EITHER)
def test_after_signing_in_one_stays_here(attack):
    text = EITHER[attack]
    for start in ("", "/app", "/app/", "/app?x=", "//", "/\\", "https://evil.test"):
        safe = sign_in.safe(start + text)
        assert safe.startswith("/app")
        assert safe.isprintable()


@pytest.mark.parametrize("attack", TRICKS)
def test_what_turns_the_direction_of_a_line_turns_only_itself(attack):
    """An alert names two people's texts within one line: each stands in an element that bidi controls do not leave."""
    stage = Stage()
    text, now = TRICKS[attack], stage.clock.now
    stage.alerts.alerts[REP.id] = [ShownAlert("1", "open", now, uuid7(now, bytes(10)), text, "a@b.test", None, "new")]
    page = stage.browser(REP).get("/app/alerts").text
    assert re.search(r"<bdi[^>]*>[^<]+</bdi>”", page)
