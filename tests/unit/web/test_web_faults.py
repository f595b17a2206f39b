"""Whatever a request holds, and whatever fails while it is answered, somebody gets an answer that they can read."""

import base64
import json
import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.web.pages import sign_in
from functions.web.pages.mail import inbox
from functions.web.routes import ROUTES
from ocello.domain.common.errors import Unavailable
from ocello.domain.people.preferences import Preferences
from tests.fakes.web import REP, Stage

SECRET = "buyer@customer.test's secret"
DEEP = "[" * 100_000
ODD = (
    "\x00",
    "//[",
    "%",
    "%zz",
    "%ff%fe",
    "\ud800",
    "\u202e",
    "١٢",
    "9" * 5_000,
    "-1",
    "1e400",
    "a" * 5_000,
    "é",
    "'",
    "{}",
    "..",
    "",
    "null",
)


@pytest.fixture(scope="module")
def stage():
    return Stage()


@pytest.fixture(scope="module")
def rep(stage):
    return stage.browser(REP)


def event(method="GET", path="/app", *, query="", headers=None, cookies=(), body="", encoded=False):
    return {
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"accept-language": "en", **(headers or {})},
        "cookies": list(cookies),
        "requestContext": {"http": {"method": method, "path": path}},
        "body": body,
        "isBase64Encoded": encoded,
    }


def jar(browser):
    return [f"{name}={value}" for name, value in browser.jar.items()]


def posted(browser, path, body, kind="application/x-www-form-urlencoded", **other):
    headers = {**browser.origin, "content-type": kind, "x-csrf": browser.csrf()}
    return event("POST", path, headers=headers, cookies=jar(browser), body=body, **other)


def multipart(head, content="x"):
    return f"--edge\r\n{head}\r\n\r\n{content}\r\n--edge--\r\n"


FORM = "multipart/form-data; boundary=edge"
CONTINUED = "multipart/form-data; boundary*0=a; boundary*=b; boundary*" + "9" * 5_000 + "=c"


def odd_requests(browser):
    """Return requests that no page of ours makes."""
    yield event(query="&".join(f"a{n}=1" for n in range(101)), cookies=jar(browser))
    yield event(query="%ff%fe&=&&%00=%00;", cookies=jar(browser))
    for text in ODD:
        yield event(path="/app/sign-in", query=f"next={quote(text, errors='replace')}")
        yield event(path="/app/callback", query=f"state={quote(text, errors='replace')}&code=x")
        yield event(path=f"/{text}")
        yield event(path=f"//{text}", cookies=jar(browser))
        yield event(path=f"/app/static/{text}")
        yield event(headers={"accept-language": text, "accept-encoding": text, "cookie": text, "sec-fetch-site": text})
        yield event(cookies=[text, f"{sign_in.SESSION}={text}", f"{text}=x"])
        yield event(path="/app/callback", cookies=[f"{sign_in.UNDER_WAY}={text}"])
        yield posted(browser, "/app/settings/preferences", text)
        yield posted(browser, "/app/settings/preferences", text, encoded=True)
        yield posted(browser, "/app/settings/preferences", text, text)
        yield posted(browser, "/app/items/import", multipart(f'Content-Disposition: form-data; name="{text}"'), FORM)
        yield posted(browser, "/app/items/import", multipart(f"Content-Disposition: {text}"), FORM)
        yield posted(browser, "/app/items/import", multipart(text), FORM)
        yield posted(browser, "/app/items/import", text, f"multipart/form-data; boundary={text}")
        yield posted(browser, "/app/alerts/read", f"up_to={quote(text, errors='replace')}")
        yield posted(browser, "/app/settings/zone", f"zone={quote(text, errors='replace')}")
    deep = base64.urlsafe_b64encode(DEEP.encode()).decode()
    yield event(path="/app/callback", cookies=[f"{sign_in.UNDER_WAY}={deep}.{deep}.x"])
    yield posted(browser, "/app/items/import", multipart("x"), CONTINUED)
    yield posted(browser, "/app/settings/preferences", "&".join(f"a{n}=1" for n in range(2_001)))
    yield posted(browser, "/app/settings/preferences", "a=%ff%fe")
    yield posted(browser, "/app/settings/preferences", "not base64!", encoded=True)
    yield {**event(), "headers": None, "cookies": None, "rawQueryString": None, "body": None}
    yield {"requestContext": {"http": {"method": "GET", "path": "/app"}}}
    yield {}


def test_no_odd_request_is_a_fault(stage, rep, capsys):
    for request in odd_requests(rep):
        answer = stage.handler.answer(request)
        json.dumps(answer)
        assert answer["statusCode"] < 500, str(request)[:500]
    assert "unexpected" not in capsys.readouterr().out


def test_no_odd_word_in_any_address_or_field_is_a_fault(stage, rep, capsys):
    """Every page, with each odd text in each place of its address, in every field of its query and of its form."""
    names = ("q", "show", "item", "cursor", "find", "at", "of", "from", "to", "group", "type", "named", "seen", "since", "slices",
             "reply", "alert", "upload", "done", "version", "port", "size", "html", "subject", "id", "owner")  # fmt: skip
    for route in ROUTES:
        for text in (
            ODD if route.template != "/app/settings/sign-out-everywhere" else ()
        ):  # it would end the session that asks
            word = quote(text, safe="", errors="replace")
            path = re.sub(r"<\w+>", word or "x", route.template)
            fields = "&".join(f"{name}={word}" for name in names)
            request = (
                event(path=path, query=fields, cookies=jar(rep))
                if route.method == "GET"
                else posted(rep, path, f"{fields}&transport=smtp&security=tls", query="slices=" + word)
            )
            answer = stage.handler.answer(request)
            assert answer["statusCode"] < 500, (route.template, text[:40])
    assert rep.get("/app").status == 200, "and they were asked by somebody who is signed in"
    assert "unexpected" not in capsys.readouterr().out


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.binary(max_size=80), st.booleans())
def test_nothing_that_anybody_sends_is_a_fault(stage, rep, path, query, header, body, encoded):
    text = base64.b64encode(body).decode() if encoded else body.decode("latin-1")
    for made in (
        event(
            path="/app/" + path,
            query=query,
            headers={"accept-encoding": header, "accept-language": header},
            cookies=jar(rep),
        ),
        posted(rep, "/app/settings/preferences", text, header, encoded=encoded),
        posted(rep, "/app/items/import", text, f"multipart/form-data; boundary={header}", encoded=encoded),
    ):
        answer = stage.handler.answer(made)
        json.dumps(answer)
        assert answer["statusCode"] < 500


def test_a_stranger_cookie_beside_ours_signs_nobody_out(stage, rep):
    for odd in ("a b=c", "=x", "{}", 'x="', "a\x00=1", "é=é"):
        assert stage.handler.answer(event(cookies=[odd, *jar(rep)]))["statusCode"] == 200
        assert stage.handler.answer(event(headers={"cookie": "; ".join([odd, *jar(rep)])}))["statusCode"] == 200


def test_a_form_of_several_parts_is_read_as_browsers_write_it(rep):
    name = 'a%22b;\\c; name="x'.replace('"', "%22")
    taken = rep.upload("/app/items/import", {"format": "csv"}, "file", name, b"type,id,title\ndeal,1,x\n")
    assert taken.status == 303, taken.text


# --- What fails on our side ---


@pytest.fixture
def broken(monkeypatch):
    """Return an application whose inbox fails with a text that no log may hold."""
    stage = Stage()
    browser = stage.browser(REP)

    def fail(*_):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(stage.inbox, "page", fail, raising=False)
    return browser


def told(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_fault_is_answered_in_the_persons_language_with_the_way_on(broken, capsys):
    broken.stage.preferences.write(REP.id, Preferences(language="it", theme="dark"))
    answer = broken.get("/app", accept_language="en")
    assert answer.status == 500
    assert answer.headers["content-type"].startswith("text/html")
    for part in ('lang="it"', 'data-theme="dark"', "Qualcosa è andato storto", 'href="/app/statistics"', "Statistiche"):
        assert part in answer.text
    assert SECRET not in answer.text
    (line,) = told(capsys)
    assert (line["message"], line["kind"], line["UnexpectedErrors"]) == ("unexpected error", "RuntimeError", 1)
    assert any(frame.startswith(f"{inbox.__name__.rpartition('.')[2]}.py:") for frame in line["frames"])
    assert SECRET not in json.dumps(line)


def test_a_part_of_a_page_that_fails_says_it_in_a_line(broken, capsys):
    answer = broken.get("/app", hx_request="true")
    assert (answer.status, "<html" in answer.text) == (500, False)
    assert "Something went wrong on our side" in answer.text
    assert len(told(capsys)) == 1


def test_a_fault_in_finding_out_who_asks_is_answered_all_the_same(broken, monkeypatch, capsys):
    def fail(*_, **__):
        raise LookupError(SECRET)

    monkeypatch.setattr(broken.stage.preferences, "read", fail, raising=False)
    answer = broken.get("/app", accept_language="it")
    assert answer.status == 500
    assert "Qualcosa è andato storto" in answer.text
    assert SECRET not in answer.text + json.dumps(told(capsys))


def test_what_people_get_wrong_and_what_does_not_answer_counts_as_no_fault_of_ours(rep, stage, monkeypatch, capsys):
    def fail(*_):
        raise Unavailable(SECRET)

    assert rep.get("/app/nowhere").status == 404
    assert rep.post("/app/settings/preferences", {"language": "xx"}).status == 422
    assert rep.ask("POST", "/app/settings/zone", form={}, headers={"origin": "https://evil.test"}).status == 403
    with monkeypatch.context() as patched:
        patched.setattr(stage.inbox, "page", fail, raising=False)
        answer = rep.get("/app")
    assert (answer.status, SECRET in answer.text) == (503, False)
    assert capsys.readouterr().out == ""


def test_error_pages_speak_the_chosen_language_with_navigation(stage, rep):
    stage.preferences.write(REP.id, Preferences(language="it"))
    many = "&".join(f"a{n}=1" for n in range(101))
    for address, status in (("/app/nowhere", 404), (f"/app?{many}", 422), ("/app/statistics?group=none", 404)):
        answer = rep.get(address, accept_language="en")
        assert answer.status == status
        assert 'lang="it"' in answer.text
        assert 'href="/app/statistics"' in answer.text
    assert "Qui non c’è niente" in rep.get("/app/nowhere").text
    stage.preferences.write(REP.id, Preferences())


def test_a_strangers_error_page_speaks_the_browsers_language(stage):
    answer = stage.browser().get("/app/nowhere", accept_language="it")
    assert (answer.status, 'lang="it"' in answer.text, "/app/statistics" in answer.text) == (404, True, False)


def test_an_answer_without_content_has_no_body_and_no_type(stage, rep):
    bulb = rep.post("/app/settings/zone", {"zone": "Europe/Rome"})
    assert (bulb.status, bulb.raw) == (204, b"")
    request = posted(rep, "/app/settings/zone", "zone=Europe/Rome")
    answer = stage.handler.answer(request)
    assert (answer["statusCode"], answer["body"], answer["isBase64Encoded"]) == (204, "", False)
    assert "Content-Type" not in answer["headers"]
