"""Images in the text of a mail: uploaded, kept in drafts, sent beside the HTML that shows them, and given back."""

import re
from email import message_from_bytes, policy

import pytest

from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.mail import images, rewriting
from ocello.domain.mail.bodies import html_to_text, parse_body
from ocello.domain.mail.compose import Draft, Enclosed
from ocello.services.sending.outgoing import original_name, upload_name
from ocello.services.sending.send import send
from tests import fakes
from tests.fakes.web import OTHER, REP, Stage
from tests.fakes.world import USER

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
UPLOAD = "0190a5c0-0000-7000-8000-000000000001"
HTML = f'<p><a href="https://example.com/a">Offer</a> <img src="cid:{UPLOAD}@image" alt="A chart"></p>'
DRAFT = Draft(to=("a@customer.test",), subject="Offer", html=HTML, text="Offer", images=(UPLOAD,))


@pytest.fixture
def sending():
    made = fakes.sending_ports(USER)
    made.mail.files[upload_name(USER.id, UPLOAD)] = PNG
    return made


def shape(part):
    return (
        (part.get_content_type(), [shape(each) for each in part.iter_parts()])
        if part.is_multipart()
        else (part.get_content_type())
    )


RELATED = ("multipart/related", ["text/html", "image/png"])
ALTERNATIVE = ("multipart/alternative", ["text/plain", RELATED])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ALTERNATIVE),
        ({"text": None}, RELATED),
        ({"attachments": (Enclosed(UPLOAD, "a.pdf"),)}, ("multipart/mixed", [ALTERNATIVE, "application/pdf"])),
    ],
)
def test_an_image_is_beside_the_html_that_refers_to_it(sending, fields, expected):
    draft = Draft(**{**{name: getattr(DRAFT, name) for name in ("to", "subject", "html", "text", "images")}, **fields})
    raw = sending.mail.files[original_name(send(draft, USER, None, sending).message.id)]
    mail = message_from_bytes(raw, policy=policy.default)
    assert shape(mail) == expected
    related = next(part for part in mail.walk() if part.get_content_type() == "multipart/related")
    assert related.get_param("type") == "text/html"
    picture = list(related.iter_parts())[1]
    assert picture["Content-ID"] == f"<{UPLOAD}@image>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == PNG
    assert parse_body(raw).inline == {f"{UPLOAD}@image": ("image/png", PNG)}
    assert not any(part.defects for part in mail.walk())


def test_a_tracked_copy_keeps_the_image_and_gives_the_original_back(sending):
    stored = send(DRAFT, USER, None, sending)
    raw = sending.mail.files[original_name(stored.message.id)]
    context = rewriting.TrackingContext(
        open_url="https://links.test/o/x",
        click_url=lambda index, _: f"https://links.test/c/{index}",
        own=lambda _: None,
        tracking_host="links.test",
    )
    tracked = rewriting.track(raw, context)
    html = parse_body(tracked.copy).html
    assert [link.url for link in tracked.links] == ["https://example.com/a"]
    assert f'src="cid:{UPLOAD}@image"' in html
    assert "https://links.test/c/0" in html
    assert "https://links.test/o/x" in html
    assert parse_body(tracked.copy).inline == parse_body(raw).inline
    assert rewriting.restore(tracked.copy, tracked.edits) == raw


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"<svg onload=x>", Invalid), (b"", Invalid), (PNG + bytes(images.MAX_IMAGE_BYTES), TooLarge), (None, Invalid)],
)
def test_what_is_no_image_is_not_sent(sending, content, error):
    sending.mail.files.pop(upload_name(USER.id, UPLOAD))
    if content is not None:
        sending.mail.files[upload_name(USER.id, UPLOAD)] = content
    with pytest.raises(error):
        send(DRAFT, USER, None, sending)
    assert not sending.queue.queued


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a.", "image/gif"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "image/webp"), (b"RIFF\n\0\0\0WAVE", None), (b"<svg/>", None),
    ],
)  # fmt: skip
def test_an_image_is_known_by_its_first_bytes(content, kind):
    assert images.kind_of(content) == kind


def test_plain_text_names_images_by_what_they_show():
    assert (
        html_to_text('<p>See <img src="x" alt="a  chart"></p><p><img src="y" alt="">end</p>')
        == "See [image: a chart]\n\nend"
    )


def test_an_image_is_uploaded_shown_kept_in_the_draft_and_sent():
    stage = Stage()
    rep = stage.browser(REP)
    address = f"/app/images/{UPLOAD}"
    stage.mail.put(upload_name(REP.id, UPLOAD), PNG, "image/png")
    shown = rep.get(address)
    assert (shown.status, shown.headers["content-type"]) == (200, "image/png")
    assert stage.browser(OTHER).get(address).status == 404
    draft = re.search(r'data-draft="([^"]+)"', rep.get("/app/compose").text)[1]
    typed = f'<p>Hi <img src="{address}" alt="A chart" onerror="x"><img src="https://spy.test/a.png" alt="spy"></p>'
    form = {"version": "0", "to": "b@customer.test", "subject": "Offer", "html": typed}
    assert rep.post(f"/app/drafts/{draft}", form).status == 200
    kept = stage.drafts.get(REP.id, draft).content.html
    assert address in kept
    assert "A chart" in kept
    assert "onerror" not in kept
    assert "spy" not in kept
    answer = rep.post(f"/app/drafts/{draft}/send", {**form, "version": "1"})
    assert answer.status == 303, answer.text
    raw = next(content for name, content in stage.mail.files.items() if name.endswith("original.eml"))
    body = parse_body(raw)
    assert f'src="cid:{UPLOAD}@image"' in body.html
    assert "[image: A chart]" in body.text
    assert list(body.inline.values()) == [("image/png", PNG)]


def test_an_upload_that_is_no_image_is_not_shown():
    stage = Stage()
    stage.mail.put(upload_name(REP.id, UPLOAD), b"<script>alert(1)</script>", "image/png")
    assert stage.browser(REP).get(f"/app/images/{UPLOAD}").status == 404


@pytest.mark.parametrize(
    ("content", "status"), [(PNG, 200), (b"<svg/>", 422), (b"", 422), (PNG + bytes(images.MAX_IMAGE_BYTES), 413)]
)
def test_only_an_image_of_a_good_size_is_taken(content, status):
    stage = Stage()
    rep = stage.browser(REP)
    answer = rep.ask("POST", "/app/images", body=content, headers={**rep.origin, "x-csrf": rep.csrf()})
    assert answer.status == status
    if status == 200:
        assert rep.get(answer.text).status == 200
    else:
        assert not stage.mail.files
