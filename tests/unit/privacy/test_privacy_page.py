"""The recipient's page: looking changes nothing, a choice holds at once, and a link acts for its own recipient alone."""

import base64
from urllib.parse import urlencode

import pytest

from ocello.domain.common.times import DAY_MS
from ocello.domain.retention.jobs import RIGHTS
from ocello.domain.tracking.tokens import ASK, EVERYONE, GRANTS, OPEN, SEVERAL
from ocello.services.consent.consents import Said
from ocello.services.consent.page import source_of
from tests.fakes.engagement.tracking import MESSAGE
from tests.fakes.privacy import ANN, BOB, OPERATOR, PrivacyStage

FORM = {"content-type": "application/x-www-form-urlencoded"}
MONTH = 30 * 86_400


@pytest.fixture
def stage():
    return PrivacyStage()


@pytest.fixture
def link(stage):
    return f"/p/{stage.token()}"


@pytest.fixture
def asking(stage):
    return f"/p/{stage.token(flags=ASK | GRANTS)}"


def test_the_page_shows_who_records_for_whom_and_what_applies(stage, link):
    seen = stage.get(link)
    assert seen.status == 200
    for words in (
        "Rossi S.p.A.",
        "privacy@rossi.test",
        "a***@c***.test",
        "90 days",
        "no consent given",
        "396 days",
        "version 3",
    ):
        assert words in seen.text
    assert ANN not in seen.body
    assert "edpb.europa.eu" in seen.text


def test_the_page_takes_nothing_from_elsewhere_and_sets_nothing(stage, link):
    seen = stage.get(link)
    policy = seen.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in seen.headers
    for markup in ("<script", "src=", "http://", "https://", " style="):
        assert markup not in seen.body


@pytest.mark.parametrize(
    ("address", "accept", "language"),
    [
        ("", "it-IT,it;q=0.9,en;q=0.5", "it"),
        ("", "de-DE, fr;q=0.4, en;q=0.2", "fr"),
        ("", "en;q=0, fr", "fr"),
        ("", "", "en"),
        ("?lang=fr", "it", "fr"),
        ("?lang=xx", "it", "it"),
        ("?lang=it&lang=en", "fr", "it"),
    ],
)
def test_the_language_is_the_links_else_the_browsers(stage, link, address, accept, language):
    seen = stage.get(link + address, **{"accept-language": accept})
    assert f'<html lang="{language}">' in seen.body
    assert f'action="?lang={language}"' in seen.body


def test_get_head_and_fifty_prefetches_change_nothing(stage, link, asking):
    for path in (link, asking):
        for method in ("GET", "HEAD"):
            for purpose in ("", "prefetch"):
                for _ in range(50):
                    assert stage.get(path, method=method, **{"sec-purpose": purpose}).status == 200
    assert stage.ledger.entries == []
    assert stage.closed == []
    assert stage.received.statements == []


def test_head_answers_as_get_without_a_body(stage, link):
    got, head = stage.get(link), stage.get(link, method="HEAD")
    assert (head.status, head.headers, head.body) == (got.status, got.headers, "")


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("stop_opens", [("refused", "opens")]),
        ("stop_links", [("refused", "links")]),
        ("stop_both", [("refused", "opens"), ("refused", "links")]),
    ],
)
def test_a_refusal_is_written_down_and_closes_at_the_answer(stage, link, do, said):
    seen = stage.post(link, do)
    assert seen.status == 200
    assert "applies from now on" in seen.text
    assert "refused since 2" in seen.text
    assert stage.said() == said
    assert [axes for _, axes in stage.closed] == [frozenset(axis for _, axis in said)]


def test_what_was_refused_is_offered_no_second_time(stage, link):
    assert stage.get(link).buttons == ["stop_both", "stop_links", "stop_opens", *RIGHTS]
    assert stage.post(link, "stop_opens").buttons == ["stop_links", *RIGHTS]
    assert stage.post(link, "stop_links").buttons == [*RIGHTS]
    assert "refused both" in stage.get(link).text


def test_the_ledger_knows_the_text_and_the_request_behind_a_refusal(stage, link):
    stage.post(f"{link}?lang=it", "stop_both")
    entry = stage.last
    assert (entry.channel, entry.notice.id, entry.notice.version, entry.notice.language) == ("page", "page", "3", "it")
    assert (entry.confirmation.request, entry.confirmation.network) == ("req-1", "203.0.113.0/24")
    assert entry.confirmation.agent == "chromium android"


def test_posting_twice_is_one_event(stage, link):
    form = stage.get(link).form
    for _ in range(2):
        assert stage.post(link, "stop_opens", form).status == 200
        stage.clock.pass_by(1)
    assert stage.said() == [("refused", "opens")]


def test_where_no_consent_is_needed_a_refusal_is_an_objection(stage, link):
    stage.objecting = True
    stage.post(link, "stop_both")
    assert stage.said() == [("objected", "opens"), ("objected", "links")]


def test_a_consent_that_was_given_is_withdrawn(stage, link, asking):
    stage.post(asking, "allow")
    stage.clock.pass_by(60)
    seen = stage.post(link, "stop_links")
    assert stage.said()[-1] == ("withdrawn", "links")
    assert "consent withdrawn since" in seen.text
    assert "allowed by you" in seen.text


@pytest.mark.parametrize("form", ["", "x", "AAAA", "é", "A" * 27, "A" * 28])
def test_without_the_value_of_its_page_a_form_changes_nothing(stage, link, form):
    seen = stage.post(link, "stop_both", form)
    assert seen.status == 403
    assert "Nothing was changed" in seen.text
    assert seen.form
    assert stage.ledger.entries == []


def test_the_value_of_a_page_is_good_for_a_day(stage, link):
    form = stage.get(link).form
    stage.clock.pass_by(86_400)
    assert stage.post(link, "stop_opens", form).status == 200
    stage.clock.pass_by(1)
    assert stage.post(link, "stop_links", form).status == 403
    assert stage.said() == [("refused", "opens")]


def test_the_value_of_anns_page_is_none_for_bobs(stage, link):
    theirs = f"/p/{stage.token(1)}"
    assert stage.post(theirs, "stop_both", stage.get(link).form).status == 403
    assert stage.ledger.entries == []


def test_anns_link_never_acts_for_bob(stage, link):
    stage.post(link, "stop_both")
    assert stage.state(ANN).closed() == {"opens", "links"}
    assert stage.state(BOB).version == 0
    assert "b***@c***.test" in stage.get(f"/p/{stage.token(1)}").text


def test_a_footers_link_cannot_allow(stage, link):
    assert "allow" not in stage.get(link).buttons
    seen = stage.post(link, "allow")
    assert seen.status == 403
    assert "This link cannot allow it" in seen.text
    assert stage.ledger.entries == []


def test_the_link_of_a_mail_that_asks_allows_both(stage, asking):
    assert stage.get(asking).buttons == ["allow", "stop_both", "stop_links", "stop_opens", *RIGHTS]
    seen = stage.post(asking, "allow")
    assert seen.status == 200
    assert seen.text.count("allowed by you since") == 2
    assert stage.said() == [("granted", "opens"), ("granted", "links")]
    assert stage.last.channel == "double_opt_in"
    assert stage.last.confirmation.network == "203.0.113.0/24"


@pytest.mark.parametrize(
    ("axis", "question", "label", "other"),
    [
        ("opens", "May Rossi S.p.A. record when you open its e-mail? ", "Allow opens", "links"),
        ("links", "May Rossi S.p.A. record which links of its e-mail you follow? ", "Allow clicks", "opens"),
    ],
)
def test_the_link_of_a_mail_that_asked_for_one_allows_that_one(stage, asking, axis, question, label, other):
    stage.consents.record(
        Said(ANN, {axis: "requested"}, "double_opt_in", stage.clock() - 1, source=source_of(MESSAGE.id, 0))
    )
    shown = stage.get(asking)
    assert question in shown.text
    assert f">{label}</button>" in shown.body
    seen = stage.post(asking, "allow")
    assert seen.text.count("allowed by you since") == 1
    assert (stage.state().of(axis).state, stage.state().of(other).state) == ("granted", "unknown")
    assert "allow" not in seen.buttons


def test_allowing_twice_is_one_event(stage, asking):
    form = stage.get(asking).form
    for _ in range(2):
        assert stage.post(asking, "allow", form).status == 200
        stage.clock.pass_by(1)
    assert len(stage.said()) == 2


def test_a_link_allows_once_and_refuses_ever_after(stage, asking):
    form = stage.get(asking).form
    stage.post(asking, "allow", form)
    stage.clock.pass_by(60)
    assert stage.post(asking, "stop_both", form).status == 200
    stage.clock.pass_by(60)
    assert stage.post(asking, "allow", form).status == 403
    assert "allow" not in stage.get(asking).buttons
    assert stage.state().closed() == {"opens", "links"}


def test_a_person_who_refused_may_still_allow_by_the_link_that_asks(stage, link, asking):
    stage.post(link, "stop_both")
    stage.clock.pass_by(60)
    assert stage.post(asking, "allow").status == 200
    assert stage.state().closed() == frozenset()


def test_a_link_allows_for_thirty_days(stage):
    assert stage.post(f"/p/{stage.token(flags=GRANTS, age=MONTH)}", "allow").status == 200
    older = f"/p/{stage.token(1, flags=GRANTS, age=MONTH + 1)}"
    assert stage.post(older, "allow").status == 403
    assert stage.post(older, "stop_both").status == 200


def test_a_link_refuses_whatever_its_age(stage):
    assert stage.post(f"/p/{stage.token(age=20 * 365 * 86_400)}", "stop_both").status == 200


@pytest.mark.parametrize("mark", [".", ")", ">", "%3E", "_"])
def test_a_mark_after_the_link_does_not_matter(stage, link, mark):
    seen = stage.get(link + mark)
    assert seen.status == 200
    assert stage.post(link + mark, "stop_opens", seen.form).status == 200


@pytest.mark.parametrize("path", ["/p/", "/p", "/p/x", "/p/x/y", "/", "/q/x", "", "/p/\ud800"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", ""])
def test_an_address_that_leads_nowhere_is_404_and_our_own_page(stage, path, method):
    seen = stage.ask(method, path, FORM, "do=stop_both&form=x")
    assert seen.status == 404
    assert method == "HEAD" or "This link leads nowhere" in seen.text
    assert seen.buttons == []


def test_the_token_of_a_pixel_opens_no_page(stage):
    assert stage.get(f"/p/{stage.token(purpose=OPEN)}").status == 404


@pytest.mark.parametrize("recipient", [7, SEVERAL, EVERYONE])
def test_a_link_to_nobody_is_404(stage, recipient):
    seen = stage.get(f"/p/{stage.token(recipient)}")
    assert seen.status == 404
    assert "privacy@rossi.test" in seen.text


@pytest.mark.parametrize(
    ("headers", "body", "status", "words"),
    [
        ({"content-type": "application/json"}, "{}", 415, "application/json"),
        ({"content-type": "multipart/form-data; boundary=x"}, "--x--", 415, "multipart/form-data"),
        ({}, "do=stop_both", 415, "its type is -"),
        (FORM, "x" * 4_097, 413, "4096 bytes"),
        (FORM, "x" * 400_000, 413, "4096 bytes"),
        (FORM, "do=stop_both&do=allow&form=x", 400, "field do"),
        (FORM, "do=stop_both&form=x&also=1", 400, "field also"),
        (FORM, "do", 400, "field form"),
        (FORM, "do=%FF", 400, "field form"),
        (FORM, "&".join(f"a{each}=1" for each in range(50)), 400, "field form"),
        (FORM, "", 403, "Nothing was changed"),
    ],
)
def test_a_body_that_is_no_form_of_ours_is_refused_with_the_page(stage, link, headers, body, status, words):
    seen = stage.ask("POST", link, headers, body)
    assert seen.status == status
    assert words in seen.text
    assert "Nothing was changed" in seen.text
    assert seen.form
    assert stage.ledger.entries == []


@pytest.mark.parametrize("do", ["", "stop", "STOP_BOTH", "<b>", "Export"])
def test_what_the_page_cannot_do_it_says(stage, link, do):
    seen = stage.post(link, do)
    assert seen.status == 400
    assert "Nothing was changed" in seen.text
    assert "<b>" not in seen.body


def test_a_form_in_base64_is_read_too(stage, link):
    body = urlencode({"do": "stop_both", "form": stage.get(link).form}).encode()
    assert stage.ask("POST", link, FORM, base64.b64encode(body).decode(), isBase64Encoded=True).status == 200
    assert stage.ask("POST", link, FORM, "%%%", isBase64Encoded=True).status == 400
    assert len(stage.said()) == 2


@pytest.mark.parametrize("event", [{}, {"headers": None, "requestContext": 3, "rawPath": [], "body": {}}])
def test_an_event_of_any_form_gets_a_page(stage, event):
    assert stage.handler().answer(event)["statusCode"] == 404


def test_while_nothing_can_be_read_the_page_can_still_be_used(stage, link):
    stage.recipients.down = True
    seen = stage.get(link)
    assert seen.status == 200
    assert "cannot be read at the moment" in seen.text
    assert seen.buttons == ["stop_both", "stop_links", "stop_opens", *RIGHTS]


@pytest.mark.parametrize("down", ["recipients", "ledger"])
def test_a_refusal_while_storage_is_out_is_received_with_its_own_time(stage, link, down):
    getattr(stage, down).down = True
    seen = stage.post(link, "stop_both")
    assert seen.status == 202
    assert "takes effect within minutes" in seen.text
    assert "applies from now on" not in seen.text
    assert stage.ledger.entries == []
    (said,) = stage.received.statements
    assert (said.message, said.recipient, dict(said.events)) == (
        MESSAGE.id,
        0,
        {"opens": "refused", "links": "refused"},
    )
    assert (said.at, said.notice.language, said.confirmation.network) == (stage.clock.now, "en", "203.0.113.0/24")
    assert ANN not in repr(said)


def test_a_refusal_for_which_others_leave_no_turn_is_received(stage, link):
    stage.ledger.busy = 10_000
    assert stage.post(link, "stop_both").status == 202
    assert len(stage.received.statements) == 1


def test_with_everything_out_the_page_says_so_and_names_whom_to_ask(stage, link):
    stage.ledger.down = stage.received.down = True
    seen = stage.post(link, "stop_both")
    assert seen.status == 503
    assert "could not be written down" in seen.text
    assert "write to privacy@rossi.test" in seen.text
    assert seen.form


def test_a_consent_is_never_taken_on_trust_while_storage_is_out(stage, asking):
    form = stage.get(asking).form
    stage.ledger.down = True
    assert stage.post(asking, "allow", form).status == 503
    assert stage.received.statements == []


def test_an_error_of_ours_gets_a_page_too_and_is_counted(stage, link, capsys):
    stage.ledger.states = None
    seen = stage.get(link)
    assert seen.status == 500
    assert "unexpected error" in capsys.readouterr().out


def test_the_log_names_neither_address_nor_token(stage, link, capsys):
    stage.post(link, "stop_both")
    stage.get("/p/x")
    lines = capsys.readouterr().out
    assert '"did":"done"' in lines
    for secret in (ANN, link.removeprefix("/p/"), "203.0.113", "Android"):
        assert secret not in lines


def test_without_an_operators_name_the_page_speaks_of_the_sender(stage, link):
    stage.clock.now += DAY_MS
    answer = stage.handler(OPERATOR._replace(name="", contact="")).answer(
        {"rawPath": link, "requestContext": {"http": {"method": "GET"}}}
    )
    assert "The company that sent you the mail" in answer["body"]
    assert "by answering their mail" in answer["body"]


def test_what_the_operator_is_called_cannot_be_markup(stage, link):
    operator = OPERATOR._replace(name="<script>x</script>", contact='"><b>')
    answer = stage.handler(operator).answer({"rawPath": link, "requestContext": {"http": {"method": "GET"}}})
    assert "<script" not in answer["body"]
    assert "<b>" not in answer["body"]
