"""Files in slices: joined correctly, limited, repeatable, and without leftovers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.common.errors import Conflict, Invalid, NotFound, TooLarge
from ocello.services.files import uploads
from ocello.services.files.uploads import MAX_SLICES, SLICE_BYTES, Uploads
from ocello.services.sending.outgoing import slice_name, upload_name
from tests import fakes
from tests.fakes.web import OTHER, REP, Stage

UPLOAD = "0190a5c0-0000-7000-8000-000000000001"


@pytest.fixture
def mail():
    return fakes.MemoryMailStore()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=MAX_SLICES), st.randoms())
def test_a_file_is_what_its_slices_were_in_whatever_order_they_came(slices, random_bytes):
    mail = fakes.MemoryMailStore()
    order = list(enumerate(slices)) * 2  # each comes twice, as after a retry
    random_bytes.shuffle(order)
    for number, content in order:
        Uploads(mail, None, None).store_slice("u", UPLOAD, number, content)
    assert Uploads(mail, None, None).join_slices("u", UPLOAD, len(slices)) == len(b"".join(slices))
    assert mail.files == {upload_name("u", UPLOAD): b"".join(slices)}


def test_putting_together_again_after_a_lost_answer_gives_the_same_answer(mail):
    Uploads(mail, None, None).store_slice("u", UPLOAD, 0, b"abc")
    assert [Uploads(mail, None, None).join_slices("u", UPLOAD, 1) for _ in range(2)] == [3, 3]


def test_a_missing_slice_is_said_and_what_is_there_stays_for_another_try(mail):
    Uploads(mail, None, None).store_slice("u", UPLOAD, 0, b"a")
    with pytest.raises(Conflict):
        Uploads(mail, None, None).join_slices("u", UPLOAD, 2)
    Uploads(mail, None, None).store_slice("u", UPLOAD, 1, b"b")
    assert Uploads(mail, None, None).join_slices("u", UPLOAD, 2) == 2


def test_a_file_beyond_25_megabytes_is_not_put_together(mail):
    for number in range(MAX_SLICES):
        Uploads(mail, None, None).store_slice("u", UPLOAD, number, bytes(SLICE_BYTES))
    with pytest.raises(TooLarge):
        Uploads(mail, None, None).join_slices("u", UPLOAD, MAX_SLICES)
    assert mail.size(upload_name("u", UPLOAD)) is None


@pytest.mark.parametrize(
    ("upload", "number", "content", "error"),
    [
        ("../x", 0, b"a", NotFound),
        (UPLOAD, MAX_SLICES, b"a", Invalid),
        (UPLOAD, -1, b"a", Invalid),
        (UPLOAD, 0, b"", Invalid),
        (UPLOAD, 0, bytes(SLICE_BYTES + 1), TooLarge),
    ],
)
def test_what_is_no_slice_is_not_stored(mail, upload, number, content, error):
    with pytest.raises(error):
        Uploads(mail, None, None).store_slice("u", upload, number, content)
    assert not mail.files


@pytest.mark.parametrize("slices", [0, MAX_SLICES + 1])
def test_a_number_of_slices_that_cannot_be_is_refused(mail, slices):
    with pytest.raises(Invalid):
        Uploads(mail, None, None).join_slices("u", UPLOAD, slices)


def test_a_slice_in_base64_fits_one_request():
    assert uploads.SLICE_BYTES * 4 / 3 < 6_000_000


def raw(browser, address, body=b""):
    return browser.ask("POST", address, body=body, headers={**browser.origin, "x-csrf": browser.csrf()})


def test_a_person_uploads_into_their_own_folder_alone():
    stage = Stage()
    rep, other = stage.browser(REP), stage.browser(OTHER)
    upload = raw(rep, "/app/uploads").text
    assert raw(rep, f"/app/uploads/{upload}/0", b"abc").status == 200
    assert raw(other, f"/app/uploads/{upload}?slices=1").status == 409, "there is none of theirs"
    assert slice_name(REP.id, upload, 0) in stage.mail.files
    done = raw(rep, f"/app/uploads/{upload}?slices=1")
    assert (done.status, done.text) == (200, "3")
    assert stage.mail.files == {upload_name(REP.id, upload): b"abc"}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/app/uploads/{}/x", 422), ("/app/uploads/{}/99", 422), ("/app/uploads/{}", 422), ("/app/uploads/nothing/0", 404),
        ("/app/uploads/{}?slices=2", 409),
    ],
)  # fmt: skip
def test_an_upload_that_cannot_be_is_refused(address, status):
    stage = Stage()
    assert raw(stage.browser(REP), address.format(UPLOAD), b"abc").status == status
    assert not stage.mail.files
