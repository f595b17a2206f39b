"""Answers are compressed if they may be, and a form's token differs in each."""

import gzip

import pytest

from functions.web import compression, csrf, static
from tests.fakes.web import REP, Stage

TYPED = "tell-tale " * 20


@pytest.fixture
def rep():
    return Stage().browser(REP)


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True), ("gzip, deflate, br, zstd", True), ("br;q=1.0, GZIP;q=0.5", True), ("*", True), ("x-gzip", True),
        ("*;q=0.1", True), ("", False), ("br", False), ("identity", False), ("gzip;q=0", False), ("gzip; q=0.0, *", False),
        ("*;q=0", False), ("gzip;q=odd", False), ("gzipped", False), ("*;q=0, gzip;q=0.001", True),
    ],
)  # fmt: skip
def test_an_answer_is_compressed_for_who_takes_it(rep, header, taken):
    plain = rep.get("/app")
    answer = rep.get("/app", accept_encoding=header)
    assert ("content-encoding" in answer.headers) == taken
    assert answer.headers["vary"] == "Accept-Encoding"
    content = gzip.decompress(answer.raw) if taken else answer.raw
    assert content[:300] == plain.raw[:300]
    assert content.endswith(b"</html>")
    assert len(answer.raw) < len(plain.raw) / 2 or not taken


def test_scripts_and_styles_are_a_third_of_what_they_were(rep):
    page = rep.get("/app/compose").text
    whole = packed = 0
    for name, content in static.files().items():
        if name.endswith((".js", ".css")):
            answer = rep.get(static.address(name), accept_encoding="gzip", sec_fetch_site="cross-site")
            assert (
                gzip.decompress(answer.raw) == content
                if "content-encoding" in answer.headers
                else answer.raw == content
            )
            if static.address(name) in page:
                whole, packed = whole + len(content), packed + len(answer.raw)
    assert whole > 3 * packed > 0


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/octet-stream"])
def test_what_is_small_or_compressed_already_stays_as_it_is(kind):
    assert not compression.is_worth_it(kind, 100_000)
    assert not compression.is_worth_it("text/html; charset=utf-8", 999)
    assert compression.is_worth_it("Text/HTML; charset=utf-8", 1_000)


def test_a_page_that_another_site_asks_for_is_not_compressed(rep):
    for site in ("cross-site", "same-site"):
        assert "content-encoding" not in rep.get("/app", accept_encoding="gzip", sec_fetch_site=site).headers
    for site in ("same-origin", "none"):
        assert "content-encoding" in rep.get("/app", accept_encoding="gzip", sec_fetch_site=site).headers


def test_the_token_of_forms_is_spelled_anew_in_each_answer_and_holds_in_all_of_them(rep):
    pages = [rep.get(f"/app?q={TYPED}").text for _ in range(3)]
    tokens = [page.split('data-csrf="')[1].split('"')[0] for page in pages]
    assert len(set(tokens)) == 3
    (session,) = rep.stage.sessions.sessions.values()
    assert not [page for page in pages if session.csrf in page]
    for token in tokens:
        assert rep.ask("POST", "/app/settings/zone", form={"csrf": token, "zone": ""}, headers=rep.origin).status == 204


@pytest.mark.parametrize("odd", ["", "x", "é", "AAAA", "=" * 40, "A" * 10_000, "\x00"])
def test_what_is_no_token_is_refused(rep, odd):
    (session,) = rep.stage.sessions.sessions.values()
    for given in (odd, session.csrf, csrf.mask(session.csrf + "x", bytes), csrf.mask("", bytes)):
        answer = rep.ask("POST", "/app/settings/zone", form={"csrf": given, "zone": ""}, headers=rep.origin)
        assert answer.status == 403
