"""The composer's pages: the sender, the forecast, drafts that outlive their files, and the signature."""

import re
from dataclasses import replace

import pytest

from functions.web.handler import WebHandler
from functions.web.routes import ROUTES
from ocello.domain.mail.addresses import split_typed
from ocello.domain.mail.attachments import list_attachments
from ocello.domain.mail.bodies import parse_body
from ocello.domain.messages.drafts import DraftContent, DraftFile, StoredDraft, append_signature
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import Account, SmtpServer, TrackingSettings
from ocello.services.people.signature import MAX_BYTES
from ocello.services.sending.outgoing import signature_image_name, upload_name
from ocello.services.sending.pace import LimitedPace
from tests.fakes.sending.ports import MemoryOwnUsers, MemorySendCounts
from tests.fakes.web import OTHER, REP, Stage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
UPLOAD = "0190a5c0-0000-7000-8000-000000000001"
DRAFT = "01900000-0000-7000-8000-00000000d4af"
SALES = "sales@other.test"


@pytest.fixture
def stage():
    made = Stage()
    made.accounts.write(Account(REP.id, SALES, "Sales", "ses", verified=True))
    return made


@pytest.fixture
def rep(stage):
    return stage.browser(REP)


def form(**fields):
    given = {"version": "0", "to": "buyer@customer.test", "subject": "Offer", "html": "<p>Hello</p>", "opens": "on"}
    return {**given, "clicks": "on", **fields}


def furnished(stage, **changes):
    """Return the rep's browser, where sending is changed so."""
    stage.handler = WebHandler(ROUTES, replace(stage.context, sending=replace(stage.context.sending, **changes)))
    return stage.browser(REP)


def original(stage):
    return next(content for name, content in stage.mail.files.items() if name.endswith("original.eml"))


def check(browser, **fields):
    return browser.post("/app/check?quiet=1", form(**fields), hx_request="true").text


# --- the sender -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "sender"), [("", b"rep@example.test"), (SALES, b"sales@other.test")])
def test_a_mail_goes_from_the_chosen_account_else_from_the_usual_one(stage, rep, chosen, sender):
    assert rep.post(f"/app/drafts/{DRAFT}/send", form(**{"from": chosen})).status == 303
    assert sender in original(stage).split(b"\r\n")[0]


def test_a_draft_remembers_its_sender_and_a_follow_up_goes_from_the_same(rep):
    rep.post(f"/app/drafts/{DRAFT}", form(**{"from": SALES}))
    assert re.search(rf'<option value="{SALES}" selected>', rep.get(f"/app/drafts/{DRAFT}").text)
    sent = rep.post(f"/app/drafts/{DRAFT}/send", form(version="1", **{"from": SALES}))
    message = sent.headers["location"].split("/")[3].split("?")[0]
    assert re.search(rf'<option value="{SALES}" selected>', rep.get(f"/app/compose?reply={message}").text)


@pytest.mark.parametrize("chosen", ["boss@example.test", OTHER.address])
def test_nobody_sends_from_what_is_not_theirs(stage, rep, chosen):
    stage.accounts.write(Account(REP.id, "boss@example.test", "", "ses", verified=False))
    stage.accounts.write(Account(OTHER.id, OTHER.address, "", "ses", verified=True))
    answer = rep.post(f"/app/drafts/{DRAFT}/send", form(**{"from": chosen}))
    assert answer.status == 422
    assert "not an address that you can send from" in answer.text
    assert "no longer connected" in answer.text
    assert not stage.messages.messages


def test_with_one_account_there_is_nothing_to_choose(stage, rep):
    stage.accounts.accounts.pop((REP.id, SALES))
    page = rep.get("/app/compose").text
    assert 'name="from"' not in page
    assert "rep@example.test" in page


# --- the forecast -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "there", "absent"),
    [
        ({"to": "a@icloud.com\nb@me.com\nc@x.test"}, "Apple fetches every picture", "privacy protection"),
        ({"to": "a@x.test", "bcc": "b@x.test"}, "Each of the 2 recipients gets a copy", "privacy protection"),
        ({"html": "<div><br></div>"}, "The mail is empty", "Each of the"),
        ({"html": f"<p>{'x' * 90_000}</p>"}, "nearly so large", "is so large"),
        ({}, "counts for the one who forwarded it", "The mail is empty"),
        ({}, "not seen where pictures are blocked", "privacy protection"),
        ({"opens": None}, "switched off for this mail", "pictures are blocked"),
    ],
)  # fmt: skip
def test_the_forecast_says_what_applies_and_not_what_does_not(rep, fields, there, absent):
    given = {name: value for name, value in form(**fields).items() if value is not None}
    page = rep.post("/app/check", given, hx_request="true").text
    assert there in page
    assert absent not in page


def test_a_forecast_tells_settings_from_this_mails_own_switch(stage, rep):
    stage.settings.write(REP.id, TrackingSettings(track_opens=True))
    page = check(rep)
    assert "Clicks are not tracked. <small>switched off in settings" in page
    assert "switched off for this mail" not in page


def test_files_near_what_servers_take_are_told_of_with_what_base64_adds(stage, rep):
    stage.mail.files[upload_name(REP.id, UPLOAD)] = bytes(15_000_000)
    files = {"upload": UPLOAD, "filename": "f.zip", "size": "1"}
    assert "weighs about 20.5 MB" in check(rep, **files)
    stage.mail.files[upload_name(REP.id, UPLOAD)] = bytes(14_000_000)
    assert "weighs about" not in check(rep, **files)
    stage.mail.files[upload_name(REP.id, UPLOAD)] = bytes(25_000_001)
    assert "at most 25 MB" in check(rep, **files)


def test_an_account_that_files_every_copy_is_told_of(stage, rep):
    smtp = SmtpServer("smtp.gmail.com", 587, "starttls")
    stage.accounts.write(Account(REP.id, SALES, "", "smtp", verified=True, smtp=smtp))
    assert "files each recipient&#39;s copy in Sent" in check(rep, **{"from": SALES})
    assert "files each recipient" not in check(rep)


def test_a_check_that_nobody_asked_for_does_not_cry_out(rep):
    assert 'role="alert"' not in check(rep, to="")
    assert 'role="alert"' in rep.post("/app/check", form(to=""), hx_request="true").text


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_mail_of_25_megabytes_of_files_is_sent(stage, rep):
    stage.mail.files[upload_name(REP.id, UPLOAD)] = bytes(25_000_000)
    assert rep.post(f"/app/drafts/{DRAFT}/send", form(upload=UPLOAD, filename="big.bin", size="5")).status == 303


def test_a_draft_that_outlived_its_files_names_them_and_its_text_is_there(stage, rep):
    html = f'<p>kept</p><img src="/app/images/{UPLOAD}" alt="x">'
    writing = DraftContent(html=html, attachments=(DraftFile(UPLOAD, "gone.pdf", 5),))
    stage.drafts.write(REP.id, StoredDraft(DRAFT, 1, 1, writing), None)
    page = rep.get(f"/app/drafts/{DRAFT}").text
    assert "gone.pdf, an image in the text" in page
    assert "kept" in page
    stage.mail.files[upload_name(REP.id, UPLOAD)] = PNG
    assert "older than its files" not in rep.get(f"/app/drafts/{DRAFT}").text


def test_what_another_window_wrote_outlives_the_sending_of_this_one(stage, rep):
    rep.post(f"/app/drafts/{DRAFT}", form(subject="one"))
    rep.post(f"/app/drafts/{DRAFT}", form(version="1", subject="two"))
    assert rep.post(f"/app/drafts/{DRAFT}/send", form(version="1", subject="one")).status == 303
    assert [kept.content.subject for kept in stage.drafts.kept.values()] == ["two"]


def test_a_mail_that_only_a_browser_kept_is_opened_under_its_name_and_a_known_one_where_it_is(stage, rep):
    assert f'data-draft="{DRAFT}"' in rep.get(f"/app/compose?draft={DRAFT}").text
    stage.drafts.write(REP.id, StoredDraft(DRAFT, 1, 1, DraftContent(subject="x")), None)
    assert rep.get(f"/app/compose?draft={DRAFT}").headers["location"] == f"/app/drafts/{DRAFT}"
    assert "evil" not in rep.get("/app/compose?draft=../evil").text


def test_a_copy_that_the_server_had_all_along_is_told_from_a_new_one(rep):
    rep.post(f"/app/drafts/{DRAFT}", form())
    assert "data-had" in rep.post(f"/app/drafts/{DRAFT}", form()).text
    assert "data-had" not in rep.post(f"/app/drafts/{DRAFT}", form(subject="other")).text


def test_a_draft_is_ready_only_as_its_window_last_saved_it(rep):
    def ready(version):
        return rep.post(f"/app/drafts/{DRAFT}/ready", {"version": version}, hx_request="true").status

    assert (ready(0), ready(1)) == (204, 409)
    rep.post(f"/app/drafts/{DRAFT}", form())
    assert (ready(0), ready(1), ready(2)) == (409, 204, 409)
    rep.post(f"/app/drafts/{DRAFT}/send", form(version="1"))
    assert ready(1) == 409
    assert "sent or discarded in another window" in rep.post(f"/app/drafts/{DRAFT}", form(version="1")).text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"Rossi, Maria" <m@a.test>, b@c.test', ('"Rossi, Maria" <m@a.test>', "b@c.test")),
        ("a@b.test;c@d.test\n\n e@f.test ", ("a@b.test", "c@d.test", "e@f.test")),
    ],
)
def test_recipients_are_split_outside_quotation_marks(text, wanted):
    assert split_typed(text) == wanted


def test_a_slash_in_a_files_name_refuses_no_mail(stage, rep):
    stage.mail.files[upload_name(REP.id, UPLOAD)] = b"x"
    assert rep.post(f"/app/drafts/{DRAFT}/send", form(upload=UPLOAD, filename="a/b\\c.pdf")).status == 303
    assert [file.name for file in list_attachments(original(stage))] == ["a_b_c.pdf"]


# --- the signature ----------------------------------------------------------------------------------------------------


def test_a_signature_stands_before_what_is_quoted():
    assert append_signature("", "") == ""
    assert append_signature("<p>x</p><blockquote>y</blockquote>", "S").index("S</div>") < len("<p>x</p>") + 60
    assert append_signature("<p>x</p><blockquote>y</blockquote>", "S").endswith("<blockquote>y</blockquote>")
    assert append_signature("<p>x</p>", "S").endswith("-- <br>S</div>")


def sign(browser, html):
    return browser.post("/app/settings/signature", {"signature": html})


def shown(upload=UPLOAD):
    return f'<img src="/app/images/{upload}" alt="Logo">'


def test_a_signatures_image_is_there_when_uploads_have_long_expired_and_goes_along_by_cid(stage, rep):
    stage.mail.put(upload_name(REP.id, UPLOAD), PNG, "image/png")
    assert sign(rep, f"<b>Rosa</b>{shown()}").status == 303
    stage.mail.delete([upload_name(REP.id, UPLOAD)])
    assert rep.get(f"/app/images/{UPLOAD}").raw == PNG
    assert stage.browser(OTHER).get(f"/app/images/{UPLOAD}").status == 404
    page = rep.get("/app/compose").text
    assert page.count("Rosa&lt;/b&gt;") == 1
    assert rep.post(f"/app/drafts/{DRAFT}/send", form(html=f"<p>Hi</p>{shown()}")).status == 303
    body = parse_body(original(stage))
    assert f"cid:{UPLOAD}@image" in body.html
    assert list(body.inline.values()) == [("image/png", PNG)]
    assert sign(rep, f"<b>Rosa R.</b>{shown()}").status == 303, "it may be changed without uploading anew"


def test_an_image_that_no_signature_shows_goes_back_to_where_things_expire(stage, rep):
    stage.mail.put(upload_name(REP.id, UPLOAD), PNG, "image/png")
    sign(rep, shown())
    stage.mail.delete([upload_name(REP.id, UPLOAD)])
    sign(rep, "<b>Rosa</b>")
    assert stage.mail.files == {upload_name(REP.id, UPLOAD): PNG}
    assert rep.get(f"/app/images/{UPLOAD}").status == 200, "drafts that show it still do"


SMALL = [f"{UPLOAD[:-2]}1{number}" for number in range(6)]
LARGE = f"{UPLOAD[:-2]}20"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (shown(), "no longer here"),
        ("x" * 10_001, "at most 10,000 characters"),
        ("".join(map(shown, SMALL)), "at most 5 images"),
        (shown(LARGE), "at most 300 kB"),
    ],
)
def test_a_signature_beyond_its_bounds_is_refused_and_stays_in_the_form(stage, rep, html, words):
    for upload in SMALL:
        stage.mail.put(upload_name(REP.id, upload), PNG, "image/png")
    stage.mail.put(upload_name(REP.id, LARGE), PNG + bytes(MAX_BYTES), "image/png")
    stage.preferences.write(REP.id, Preferences(signature="before"))
    answer = sign(rep, html)
    assert answer.status in (413, 422)
    assert words in answer.text
    assert html[:40].replace("<", "&lt;").replace('"', "&#34;") in answer.text
    assert stage.preferences.read(REP.id).signature == "before"
    assert not [name for name in stage.mail.files if name.startswith("signatures/")]


def test_an_emptied_signature_is_none_and_other_preferences_keep_it(stage, rep):
    sign(rep, "<b>Rosa</b>")
    rep.post("/app/settings/preferences", {"language": "it", "zone": "Europe/Rome", "theme": "dark", "shortcuts": "on"})
    assert stage.preferences.read(REP.id) == Preferences("it", "Europe/Rome", "dark", "<b>Rosa</b>")
    sign(rep, "<div><br></div>")
    assert stage.preferences.read(REP.id).signature == ""


def test_the_preview_holds_nothing_that_acts(stage, rep):
    stage.preferences.write(REP.id, Preferences(signature='<img src=x onerror="alert(1)"><b>ok</b><script>x</script>'))
    preview = rep.get("/app/settings").text.split('id="preview"')[1].split("</div>")[0]
    assert "<b>ok</b>" in preview
    assert "onerror" not in preview
    assert "script" not in preview


def test_a_stored_picture_of_somebody_else_cannot_be_made_ones_signature(stage, rep):
    stage.mail.put(signature_image_name(OTHER.id, UPLOAD), PNG, "image/png")
    assert sign(rep, shown()).status == 422


# --- sending once -----------------------------------------------------------------------------------------------------


def test_a_second_press_never_sends_twice(stage, rep):
    """The first press was taken, and its answer got lost: the page, and the draft's version, have moved on."""
    first = rep.post(f"/app/drafts/{DRAFT}/send", form())
    for version in ("0", "1", "2"):
        again = rep.post(f"/app/drafts/{DRAFT}/send", form(version=version))
        assert (again.status, again.headers["location"]) == (303, first.headers["location"])
    assert len(stage.messages.messages) == 1


def test_a_second_press_after_nothing_was_queued_sends_the_same_mail_once(stage, rep):
    stage.queue.refusals = 2
    refused = rep.post(f"/app/drafts/{DRAFT}/send", form())
    assert refused.status == 503
    assert "the message could not be queued: nothing of it is being sent" in refused.text
    assert "does not answer" not in refused.text
    assert rep.post(f"/app/drafts/{DRAFT}/send", form(version="1")).status == 303
    (identifier,) = stage.messages.messages
    assert stage.queue.queued == [(identifier, 0)]


def test_what_was_written_anew_in_a_draft_is_another_mail(stage, rep):
    rep.post(f"/app/drafts/{DRAFT}/send", form())
    rep.post(f"/app/drafts/{DRAFT}/send", form(subject="Another offer"))
    assert len(stage.messages.messages) == 2


# --- how much ---------------------------------------------------------------------------------------------------------


def test_more_than_a_minute_allows_is_not_sent_and_stays_written(stage):
    rep = furnished(stage, pace=LimitedPace({"send": 1}, MemorySendCounts(), stage.clock))
    assert rep.post(f"/app/drafts/{DRAFT}/send", form()).status == 303
    other = DRAFT[:-1] + ("0" if DRAFT[-1] != "0" else "1")
    refused = rep.post(f"/app/drafts/{other}/send", form(subject="One more"))
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "at most 1 mails a minute" in refused.text
    assert "One more" in refused.text
    assert len(stage.messages.messages) == 1
    stage.clock.pass_by(60)
    assert rep.post(f"/app/drafts/{other}/send", form(version="1", subject="One more")).status == 303


def test_the_check_names_the_copies_that_are_our_own(stage):
    page = check(
        furnished(stage, own_users=MemoryOwnUsers([OTHER])), to=f"buyer@customer.test\n{OTHER.address}", cc=REP.address
    )
    for address in (OTHER.address, REP.address):
        assert f"The copy for {address} <small>the address of one of the team&#39;s own users" in page
    assert "The copy for buyer@customer.test" not in page


def test_the_check_says_what_can_be_known_of_mail_to_each_domain(stage, rep):
    page = check(rep, to="a@gmail.com, b@gmail.com, c@customer.test")
    assert "What you will see" in page
    assert page.count("Google fetches pictures when the mail is opened.") == 1
    assert (
        page.count("It is not known yet who receives the mail of this domain.") == 1
    )  # once, though it is so for opens and for clicks
    assert stage.lookup_queue.asked == ["customer.test"]


def test_the_check_forecasts_nothing_of_a_mail_that_is_not_tracked(stage, rep):
    assert (
        "What you will see"
        not in rep.post(
            "/app/check",
            {"to": "c@customer.test", "subject": "x", "html": "<p>x</p>", "version": "0"},
            hx_request="true",
        ).text
    )
    assert stage.lookup_queue.asked == []
