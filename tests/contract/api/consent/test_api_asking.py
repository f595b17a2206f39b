"""Asking somebody for their consent: one untracked mail, whose page is the second step."""

import email
import email.policy
import re
from dataclasses import replace

import pytest

from ocello.adapters.consent.notice_files import texts
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.ledger import Confirmation
from ocello.domain.people.users import TrackingSettings
from ocello.domain.tracking import tokens
from ocello.services.consent.asking.unanswered import Unanswered
from ocello.services.consent.consents import Said
from ocello.services.consent.page import Proof, RecipientPage
from ocello.services.consent.ports import Statement
from ocello.services.sending.deliver import deliver
from ocello.services.sending.outgoing import original_name
from tests import fakes
from tests.contract.api.conftest import COLLEAGUE, REP

ANN = "ann@customer.test"


def ask(api, auth="", **changes):
    body = {"address": ANN, "language": "it", "purposes": ["opens", "links"], **changes}
    return api.call("POST", "/v1/consents/requests", body, auth=auth)


def mail_of(api, answer):
    """Return the copy that leaves."""
    stored = api.messages.load(answer.json["message"])
    raw = api.mail.get(original_name(stored.message.id))
    copy = api.sending.tracker.copy(raw, stored.message, stored.recipients[0])
    return stored, email.message_from_bytes(copy.raw, policy=email.policy.default)


def parts(mail):
    return [mail.get_body((kind,)).get_content() for kind in ("html", "plain")]


def token_of(api, mail):
    (link,) = set(re.findall(r"https://t\.test/p/([\w-]+)\?lang=it", "".join(parts(mail))))
    return tokens.verify(api.sending.tracker.keyring, link, tokens.PRIVACY)


class NoQueue:
    """StatementQueue that nothing is put into."""

    def keep(self, statement: Statement) -> None:
        raise Unavailable("queue: down")


def page_of(api):
    return RecipientPage(api.recipients, api.consents, NoQueue(), api.clock, objecting=False)


def proof():
    return Proof(texts("page")["it"].notice, Confirmation("req-1", "203.0.113.0/24", "Gecko"))


def test_the_mail_leaves_from_the_callers_account_untracked_in_html_and_text(api):
    api.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True))
    answer = ask(api)
    assert answer.status == 202
    assert (answer.json["address"], answer.json["purposes"]) == (ANN, ["opens", "links"])
    stored, mail = mail_of(api, answer)
    assert (mail["From"], mail["To"]) == ("Rep <rep@example.test>", ANN)
    assert api.queue.queued == [(stored.message.id, 0)]
    assert not stored.message.tracked
    for part in parts(mail):
        assert "/o/" not in part
        assert "/c/" not in part
        assert len(re.findall(r"https?://", part)) == 1


@pytest.mark.parametrize("language", ["it", "fr", "en"])
def test_it_speaks_the_language_that_was_asked_for(api, language):
    _, mail = mail_of(api, ask(api, language=language))
    assert mail["Subject"] == texts("asking")[language].line("subject", sender="Rep")
    for part in parts(mail):
        assert f"?lang={language}" in part
    assert f'<html lang="{language}">' in parts(mail)[0]


@pytest.mark.parametrize("purposes", [["opens"], ["links"], ["opens", "links"]])
def test_it_names_the_purposes_that_are_asked(api, purposes):
    _, mail = mail_of(api, ask(api, purposes=purposes))
    name = "ask_both" if len(purposes) == 2 else f"ask_{purposes[0]}"
    assert texts("asking")["it"].line(name, sender="Rep") in " ".join(parts(mail)[1].split())
    assert sorted(row["purpose"] for row in history(api)) == sorted(purposes)


def history(api):
    return api.call("GET", f"/v1/consents/{ANN}").json["history"]


def test_it_is_written_down_who_asked_with_which_text(api):
    ask(api, purposes=["opens"])
    (row,) = history(api)
    assert (row["event"], row["actor"]) == ("requested", REP.address)
    assert row["notice"]["id"] == "asking"
    assert row["notice"]["sha256"] == texts("asking")["it"].notice.sha256
    assert api.call("GET", f"/v1/consents/{ANN}").json["opens"]["state"] == "unknown"


def test_allow_on_the_mails_page_is_the_second_step_and_works_once(api):
    _, mail = mail_of(api, ask(api))
    token = token_of(api, mail)
    page = page_of(api)
    assert page.show(token).allows == ("opens", "links")
    assert history(api)[0]["event"] == "requested", "showing the page changes nothing"
    api.clock.pass_by(1)
    page.allow(token, proof())
    assert api.consents.state(ANN).opens.state == "granted"
    assert page.show(token).allows == ()
    assert [row["event"] for row in history(api)] == ["granted", "granted", "requested", "requested"]


def test_somebody_is_asked_once_in_six_months(api):
    assert ask(api).status == 202
    again = ask(api)
    assert (again.status, again.json["type"]) == (409, "urn:ocello:problem:recently-asked")
    api.clock.pass_by(183 * DAY_MS // 1000)
    assert ask(api).status == 409
    api.clock.pass_by(DAY_MS // 1000)
    assert ask(api).status == 202
    assert len(api.messages.messages) == 2


def test_nobody_is_asked_who_refused(api):
    api.consents.record(Said(ANN, {"links": "refused"}, "page", api.clock(), source="/p/ m 0"))
    answer = ask(api)
    assert (answer.status, answer.json["type"]) == (409, "urn:ocello:problem:refused")
    assert ask(api, purposes=["opens"]).status == 202, "what was not refused may be asked"


def test_nobody_is_asked_whose_address_is_suppressed(api):
    api.suppressions.add(ANN, "bounce", api.clock())
    answer = ask(api)
    assert (answer.status, answer.json["type"]) == (409, "urn:ocello:problem:suppressed")
    assert history(api) == []


def test_what_somebody_has_consented_to_is_not_asked_again(api):
    api.consents.record(Said(ANN, {"opens": "granted"}, "api", api.clock(), source="fair"))
    assert ask(api).json["purposes"] == ["links"]
    api.consents.record(Said(ANN, {"links": "granted"}, "api", api.clock(), source="fair"))
    assert ask(api).status == 409


def test_without_an_account_nobody_is_asked(api):
    answer = ask(api, auth=api.colleague)
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "from"
    assert COLLEAGUE.address not in str(api.ledger.entries)
    assert api.ledger.entries == []


def test_a_question_whose_mail_could_not_be_queued_may_be_asked_again_a_minute_later(api):
    api.queue.refusals = 3
    assert ask(api).status == 503
    assert ask(api).status == 409, "its mail may still be on its way"
    api.clock.pass_by(61)
    assert ask(api).status == 202


class NothingYet:
    """ConsentStates, as somebody read them who asks at the same time."""

    def of(self, subjects):
        return {}


def test_of_two_who_ask_at_once_one_asks(api):
    assert ask(api).status == 202
    api.clock.pass_by(1)
    api.ports = replace(api.ports, consents=replace(api.consents, states=NothingYet()))
    assert ask(api).json["type"] == "urn:ocello:problem:recently-asked"
    assert len(api.messages.messages) == 1


@pytest.mark.parametrize(
    "changes",
    [{"address": "nobody"}, {"language": "de"}, {"purposes": []}, {"purposes": ["clicks"]}, {"more": 1}],
)
def test_a_request_that_asks_nobody_or_nothing_is_refused(api, changes):
    assert ask(api, **changes).status == 422
    assert api.ledger.entries == []


def test_asking_needs_the_scope_before_the_body_is_read(api):
    key = api.key_of(REP, ["consent:read", "send"])
    assert api.call("POST", "/v1/consents/requests", "{no json", auth=key).status == 403


def test_its_link_quoted_in_another_mail_leads_to_the_page_about_this_host(api):
    stored, mail = mail_of(api, ask(api))
    (link,) = set(re.findall(r"https://t\.test/p/[\w-]+\?lang=it", parts(mail)[1]))
    assert api.sending.tracker.own_in(stored.message.id)(link) is None
    assert api.sending.tracker.own_in("0198c0de-0000-7000-8000-0000000000aa")(link) == "https://t.test/about"


def nightly(api):
    return Unanswered(api.questions, api.recipients, api.consents).note()


def test_who_does_not_answer_in_thirty_days_is_written_down_once_and_left_in_peace_for_six_months_from_then(api):
    ask(api)
    api.clock.pass_by(30 * DAY_MS // 1000)
    assert nightly(api) == 0, "the link can still allow on this day"
    api.clock.pass_by(DAY_MS // 1000)
    assert [nightly(api), nightly(api)] == [1, 0]
    assert [row["event"] for row in history(api)] == ["no_answer", "no_answer", "requested", "requested"]
    assert api.consents.state(ANN).opens.state == "unknown"
    api.clock.pass_by(182 * DAY_MS // 1000)
    assert ask(api).json["type"] == "urn:ocello:problem:recently-asked"
    api.clock.pass_by(DAY_MS // 1000)
    assert ask(api).status == 202


def test_who_answered_or_was_never_written_to_did_not_fail_to_answer(api):
    _, mail = mail_of(api, ask(api))
    api.clock.pass_by(1)
    page_of(api).stop(token_of(api, mail), "stop_opens", proof())
    api.queue.refusals = 3
    ask(api, address="bob@customer.test")
    api.clock.pass_by(40 * DAY_MS // 1000)
    assert nightly(api) == 1
    rows = history(api)
    assert [(row["event"], row["purpose"]) for row in rows if row["event"] == "no_answer"] == [("no_answer", "links")]
    assert api.consents.history("bob@customer.test", 5).items[0].event == "requested"
    assert api.questions.questions == set()


@pytest.mark.parametrize("axis", ["opens", "links"])
def test_allow_grants_what_the_mail_asked_for_and_nothing_else(api, axis):
    _, mail = mail_of(api, ask(api, purposes=[axis]))
    token, page = token_of(api, mail), page_of(api)
    assert page.show(token).allows == (axis,)
    api.clock.pass_by(1)
    assert page.allow(token, proof()).allows == ()
    other = "links" if axis == "opens" else "opens"
    consent = api.consents.state(ANN)
    assert (consent.of(axis).state, consent.of(other).state) == ("granted", "unknown")
    assert [(row["event"], row["purpose"]) for row in history(api)] == [("granted", axis), ("requested", axis)]


def test_what_was_granted_before_is_not_asked_and_stays(api):
    api.consents.record(
        Said(ANN, {"links": "granted"}, "form", api.clock() - 1, notice=texts("asking")["it"].notice, source="form")
    )
    _, mail = mail_of(api, ask(api))
    api.clock.pass_by(1)
    page_of(api).allow(token_of(api, mail), proof())
    assert [row["event"] for row in history(api) if row["purpose"] == "links"] == ["granted"]
    assert api.consents.state(ANN).opens.state == "granted"


def test_a_mail_of_which_the_ledger_has_no_question_asked_for_both(api):
    """As of one whose lines are not there: nothing but its token says that it asked."""
    sent = api.send(to=[ANN])
    token = tokens.Token(tokens.PRIVACY, sent["id"], 0, api.clock() // 1000, tokens.ASK | tokens.GRANTS)
    page = page_of(api)
    assert page.show(token).allows == ("opens", "links")
    page.allow(token, proof())
    assert api.consents.state(ANN).known(api.clock()) == ("granted", "granted")


@pytest.mark.parametrize("rules", ["none", "eu-strict", "it-284-2026"])
def test_it_leaves_without_a_footer_for_it_carries_the_link_itself(api, rules):
    api.under(rules)
    assert api.sending.decisions.footers == (rules != "none")
    answer = ask(api, address="ann@customer.it")
    stored = api.messages.load(answer.json["message"])
    original, transport = api.mail.get(original_name(stored.message.id)), fakes.MemoryTransport()
    deliver(stored.message.id, 0, fakes.delivery_ports(api.sending, ses=transport))
    (posted,) = transport.taken
    assert posted.copy == original, "byte for byte, as it was written"
    text = email.message_from_bytes(posted.copy, policy=email.policy.default)
    (link,) = set(re.findall(r"https://t\.test/p/([\w-]+)", "".join(parts(text))))
    assert tokens.verify(api.sending.tracker.keyring, link, tokens.PRIVACY).flags & tokens.GRANTS
