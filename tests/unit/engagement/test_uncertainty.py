"""What cannot be known of a recipient is shown with its reason, from the delivery to the page and the API."""

import re
from dataclasses import replace
from typing import cast

import pytest

from ocello.adapters import language as language_
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.engagement.uncertainty import uncertainty_about
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.message import Mailbox, Message, Recipient, Report, Untracked
from ocello.domain.people.preferences import Preferences
from ocello.domain.tracking.tokens import EVERYONE
from ocello.services.sending.deliver import deliver
from ocello.services.sending.outgoing import original_name
from ocello.services.sending.send import send, send_again
from ocello.services.sending.track import instrument
from ocello.services.views.messages import Json, message_json
from tests import fakes
from tests.fakes.web import REP, Stage
from tests.fakes.world import USER

MESSAGE = Message("m", "u", "<m@x>", "m", Mailbox("rep@example.test"), "Offer", 1, track_opens=True, track_clicks=True)
SENT = Recipient(0, Mailbox("ann@customer.test"), "to", "sent")
UNCHANGED, NO_PICTURE = Untracked("message", "", "nesting"), Untracked("pixel", "", "no-html")
ONE, MACHINE = Summary(1), Summary(0, machine=1)
HUGE_HEAD = b"X-Long: " + b"x" * 300_000 + b"\r\n"


@pytest.mark.parametrize(
    ("message", "untracked", "recipient", "actions", "expected"),
    [
        ({}, (), {}, {}, ("unseen",)),
        ({}, (), {}, {0: Actions(ONE)}, ()),
        ({}, (), {}, {0: Actions(clicks=ONE)}, ()),
        ({}, (), {}, {0: Actions(MACHINE)}, ("machines",)),
        ({}, (), {}, {0: Actions(clicks=MACHINE)}, ("machines",)),
        ({}, (NO_PICTURE,), {}, {0: Actions(clicks=MACHINE)}, ("machines",)),
        ({"track_opens": False}, (), {}, {0: Actions(clicks=MACHINE)}, ("machines",)),
        ({}, (), {}, {0: Actions(Summary(unknown=1))}, ("unclear",)),
        ({}, (), {}, {0: Actions(MACHINE, Summary(unknown=1))}, ("unclear",)),
        ({}, (), {}, {0: Actions(Summary(unknown=1), ONE)}, ()),
        ({}, (), {}, {0: Actions(MACHINE, ONE)}, ()),
        ({}, (), {}, {1: Actions(ONE)}, ("unseen",)),
        ({}, (), {}, {EVERYONE: Actions(ONE)}, ("together",)),
        ({}, (), {"untracked": "nesting"}, {}, ("untouched",)),
        ({}, (UNCHANGED,), {}, {}, ("untouched",)),
        ({}, (NO_PICTURE,), {}, {}, ("no_picture",)),
        ({"track_opens": False}, (NO_PICTURE,), {}, {}, ("clicks_only",)),
        ({}, (), {"mailbox": Mailbox("Sales@customer.test")}, {}, ("unseen", "group")),
        ({}, (), {"mailbox": Mailbox("sales@customer.test")}, {0: Actions(ONE)}, ("group",)),
        ({}, (), {}, {0: Actions(ONE, spread=True)}, ("spread",)),
        ({}, (), {"status": "queued"}, {}, ()),
        ({}, (), {"status": "failed", "untracked": "nesting"}, {}, ()),
        ({}, (), {"status": "unknown"}, {0: Actions(MACHINE)}, ("machines",)),
        ({"track_opens": False, "track_clicks": False}, (UNCHANGED,), {"untracked": "nesting"}, {}, ()),
    ],
)
def test_the_nearest_reason_is_given(message, untracked, recipient, actions, expected):
    report = Report(untracked=untracked)
    engagement = Engagement(recipients=actions)
    assert uncertainty_about(replace(MESSAGE, **message), report, replace(SENT, **recipient), engagement) == expected


@pytest.fixture
def sending():
    return fakes.sending_ports(USER)


def sent(sending, track, *addresses):
    draft = Draft(to=addresses or ("a@customer.test",), subject="Offer", html="<p>x</p>", track=track)
    return send(draft, USER, None, sending).message


def spoil(sending, message):
    """Make the original impossible to rewrite, as a limit that a later release lowered would."""
    name = original_name(message.id)
    sending.mail.files[name] = HUGE_HEAD + sending.mail.files[name]


@pytest.mark.parametrize(
    ("track", "reason"), [(Track(opens=True, clicks=True), "header-size"), (Track(opens=False, clicks=False), "")]
)
def test_a_copy_that_could_not_be_rewritten_goes_out_and_its_recipient_says_why(sending, track, reason):
    transport = fakes.MemoryTransport()
    message, ports = sent(sending, track), fakes.delivery_ports(sending, ses=transport)
    spoil(sending, message)
    assert deliver(message.id, 0, ports).status == "sent"
    assert HUGE_HEAD in transport.taken[0].copy
    assert ports.recipients.read(message.id, 0).untracked == reason


def test_a_copy_that_is_sent_again_says_it_anew(sending):
    message, ports = sent(sending, Track(opens=True, clicks=True)), fakes.delivery_ports(sending)
    good = sending.mail.files[original_name(message.id)]
    spoil(sending, message)
    deliver(message.id, 0, ports)
    row = replace(sending.recipients.read(message.id, 0), status="failed")
    sending.messages.rows[message.id, 0] = row
    sending.mail.files[original_name(message.id)] = good
    send_again(USER, message.id, 0, sending)
    deliver(message.id, 0, ports)
    assert ports.recipients.read(message.id, 0).untracked == ""


def test_a_copy_that_its_caller_sends_says_it_too(sending):
    stored, copies = instrument(
        HUGE_HEAD + b"To: a@customer.test\r\n\r\nx", (), Track(opens=True, clicks=True), USER, sending
    )
    assert copies[0][1].startswith(HUGE_HEAD)
    assert [each.untracked for each in sending.messages.load(stored.message.id).recipients] == ["header-size"]
    told = cast("list[Json]", message_json(stored, USER.id)["untracked"])
    assert [entry["what"] for entry in told] == ["message"], "said once, of all"


def test_the_api_says_it_among_what_is_untracked_in_the_contracts_form(sending):
    message = sent(sending, Track(opens=True, clicks=True), "a@customer.test", "b@customer.test")
    sending.messages.rows[message.id, 1] = replace(sending.messages.rows[message.id, 1], untracked="nesting")
    told = message_json(sending.messages.load(message.id), USER.id)["untracked"]
    assert told == [{"what": "copy", "where": "b@customer.test", "reason": "nesting"}]


def test_another_does_not_learn_of_a_bcc_from_it(sending):
    draft = Draft(
        to=("a@customer.test",),
        bcc=("b@customer.test",),
        subject="x",
        html="<p>x</p>",
        track=Track(opens=True, clicks=True),
    )
    message = send(draft, USER, None, sending).message
    sending.messages.rows[message.id, 1] = replace(sending.messages.rows[message.id, 1], untracked="nesting")
    assert message_json(sending.messages.load(message.id), "somebody else")["untracked"] == []


@pytest.mark.parametrize(
    ("language", "unseen", "untouched", "group", "together"),
    [
        (
            "en",
            "Nothing seen yet: not opened, or pictures are blocked there.",
            "nothing of it can be seen: parts within parts, too deep.",
            "Several people may read this address",
            "counted for all recipients together",
        ),
        (
            "it",
            "Ancora nulla: non aperto, oppure lì le immagini sono bloccate.",
            "non se ne può vedere nulla: troppe parti dentro altre parti.",
            "Più persone possono leggere questo indirizzo",
            "si conta per tutti i destinatari insieme",
        ),
    ],
)
def test_a_conversation_says_it_beside_each_recipient(language, unseen, untouched, group, together):
    stage = Stage()
    stage.preferences.write(REP.id, Preferences(language=language))
    to = ("a@customer.test", "info@customer.test", "c@customer.test")
    draft = Draft(to=to, subject="Offer", html="<p>x</p>", track=Track(opens=True, clicks=True))
    message = send(draft, REP, None, stage.context.sending).message.id
    for index, reason in enumerate(("", "", "nesting")):
        row = replace(stage.messages.rows[message, index], status="sent", untracked=reason)
        stage.messages.rows[message, index] = row
    browser = stage.browser(REP)
    first, second, third = rows(browser.get(f"/app/conversations/{message}").text)
    assert unseen in first
    assert group not in first
    assert unseen in second
    assert group in second
    assert untouched in third
    assert unseen not in third
    never, not_known = language_.say(language, "never"), language_.say(language, "not known")
    assert cells(first) == [never, never]
    assert cells(third) == [not_known, not_known], "what nobody looked for did not stay away"
    stage.messages.engagements[message] = Engagement(ONE, recipients={EVERYONE: Actions(ONE)})
    first = rows(browser.get(f"/app/conversations/{message}").text)[0]
    assert together in first
    assert cells(first) == [not_known, not_known]


def cells(row):
    """Return what stands beside the pictures of opens and clicks."""
    return [
        words.strip()
        for words in re.findall(r"<br>\s*<svg.*?</svg>(?:<span[^>]*>[^<]*</span>)?([^<]*)", row, re.DOTALL)
    ]


def rows(page):
    return re.findall(r'<li class="recipient">.*?</li>', page, re.DOTALL)


def test_the_words_of_a_delivery_are_said_in_the_persons_language():
    stage = Stage()
    stage.preferences.write(REP.id, Preferences(language="it"))
    draft = Draft(to=("a@customer.test",), subject="Offer", html="<p>x</p>", track=Track(opens=True, clicks=True))
    message = send(draft, REP, None, stage.context.sending).message.id
    ports = fakes.delivery_ports(stage.sending)
    ports.suppressions.reasons["a@customer.test"] = "bounce"
    assert deliver(message, 0, ports).status == "failed"
    assert ports.recipients.read(message, 0).diagnostic == (
        "Not sent: this address is on the suppression list (bounce)."
    ), "the API's English"
    page = stage.browser(REP).get(f"/app/conversations/{message}").text
    assert "elenco di quelli a cui non si scrive più (messaggio non consegnato)." in page
