"""The tracking origin's answers to good requests, bad ones and garbage, row by row of the contract."""

import base64
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capture import handler, pages
from ocello.domain.tracking import tokens
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import CLICK, OPEN, PRIVACY, Keyring, Token, sign_token
from ocello.services.engagement.count_loads import LoadCounter
from ocello.services.engagement.record import LEFT_OUT, STORED, Recorder
from tests.tokens_1 import sign_1

KEYRING = Keyring.parse("1:" + "a" * 40)
MESSAGE = "01936c3e-7a10-7c4f-9b21-0123456789ab"
DENIED_MESSAGE = "01936c3e-7a10-7c4f-9b21-000000000000"
TARGET = "https://example.com/a?x=1&y=2#z"
AT = 1_764_000_000_123


class FakeRecorder(Recorder):
    """Keeps what it is given in lists; or raises `error`."""

    def __init__(self, error=None):
        self.hits, self.error, self.logged = [], error, []

    def log(self, hit):
        self.logged.append(hit)

    def record(self, hit, arrived):
        if self.error:
            raise self.error
        self.hits.append(hit)
        return STORED


class FakeLoads(LoadCounter):
    """Keeps what it is told of loads; or raises `error`."""

    def __init__(self, error=None):
        self.loads, self.error = [], error

    def count(self, *load):
        if self.error:
            raise self.error
        self.loads.append(load)
        return STORED


def a_handler(recorder=None, header="", note=lambda *_: None, loads=None):
    denied = handler.denied(f"{DENIED_MESSAGE.upper()}, ", "evil.test, BÜCHER.example")
    return handler.TrackingHandler(
        KEYRING,
        recorder or FakeRecorder(),
        denied,
        header,
        pages.about("Rossi & <Figli>", "privacy@example.test"),
        lambda: 0.0,
        note,
        lambda: loads or FakeLoads(),
    )


def token(purpose=OPEN, target=TARGET, message=MESSAGE, flags=0, recipient=2):
    click = (4, target) if purpose == CLICK else (None, None)
    signer = sign_1 if flags & tokens.AGGREGATE else sign_token  # what only mail of the first releases has
    return signer(KEYRING, Token(purpose, message, recipient, 1_764_000_000, flags, *click))


def request(path, method="GET", headers=None, source="192.0.2.7"):
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"user-agent": "Agent/1", "accept-language": "it", "cookie": "secret", **(headers or {})},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": source},
            "requestId": "JKJaXmPLvHcESHA=",
            "timeEpoch": AT,
        },
    }


def is_pixel(response):
    raw = base64.b64decode(response["body"])
    return response["statusCode"] == 200 and raw[:6] == b"GIF89a" and len(raw) == 43


def test_an_open_is_answered_with_the_pixel_and_recorded():
    recorder = FakeRecorder()
    response = a_handler(recorder).answer(request("/o/" + token()))
    assert is_pixel(response)
    assert response["headers"]["Content-Type"] == "image/gif"
    assert response["headers"]["Cache-Control"] == "no-store, no-cache, must-revalidate, max-age=0"
    assert response["headers"]["Pragma"] == "no-cache"
    assert "1970" in response["headers"]["Expires"]
    expected = Hit(
        MESSAGE, AT, "JKJaXmPLvHcESHA=", "open", 2, None, "GET", "192.0.2.7", "Agent/1", {"accept-language": "it"}, 0
    )
    assert recorder.hits == [expected]


def test_a_click_redirects_to_its_target_and_is_recorded():
    recorder = FakeRecorder()
    response = a_handler(recorder).answer(request("/c/" + token(CLICK)))
    assert response["statusCode"] == 302
    assert response["headers"]["Location"] == TARGET
    assert response["headers"]["Cache-Control"] == "no-store"
    assert response["headers"]["Referrer-Policy"] == "no-referrer"
    assert response["headers"]["X-Robots-Tag"] == "noindex"
    assert [(hit.kind, hit.link, hit.recipient) for hit in recorder.hits] == [("click", 4, 2)]


MARKS = ".,;:!?)]>'\"/_*~"
# As API Gateway gives a path, decoded; and as browsers, `sam local` and others leave it.
SPELLED = [*MARKS, *(f"%{ord(mark):02X}" for mark in MARKS), *(f"%{ord(mark):02x}" for mark in MARKS)]


@pytest.mark.parametrize("mark", SPELLED)
def test_one_mark_that_a_program_drew_into_a_link_is_forgiven(mark):
    recorder = FakeRecorder()
    made = a_handler(recorder)
    assert is_pixel(made.answer(request("/o/" + token() + mark)))
    click = made.answer(request("/c/" + token(CLICK) + mark))
    assert (click["statusCode"], click["headers"]["Location"]) == (302, TARGET)
    assert [hit.kind for hit in recorder.hits] == ["open", "click"]


@pytest.mark.parametrize(
    "after", ["..", "_.", "a", "%", "%2", "%00", "%2A%2A", "//", "/.", "=", "-", " ", "\n", "’", "%E2%80%99", "{", "("]
)
def test_more_than_one_mark_or_another_is_not_forgiven(after):
    recorder = FakeRecorder()
    made = a_handler(recorder)
    assert is_pixel(made.answer(request("/o/" + token() + after)))
    assert made.answer(request("/c/" + token(CLICK) + after))["statusCode"] == 404
    assert recorder.hits == []


def test_a_token_is_read_as_it_stands_first(monkeypatch):
    parsed = []

    def verify(_keyring, text, purpose):
        parsed.append(text)
        return tokens.Token(purpose, MESSAGE, 2, 0, 0, None, None)

    monkeypatch.setattr(tokens, "verify", verify)
    a_handler().answer(request("/o/ends-in_"))
    assert parsed == ["ends-in_"]


def test_a_denied_message_is_denied_with_a_mark_after_it_too():
    made = a_handler()
    assert made.answer(request("/c/" + token(CLICK, message=DENIED_MESSAGE) + "."))["statusCode"] == 404


def at(path, moment, method="GET"):
    event = request(path, method)
    event["requestContext"]["timeEpoch"] = moment
    return event


def test_of_one_link_a_minute_only_so_many_hits_are_kept_and_the_answer_never_changes():
    recorder, outcomes = FakeRecorder(), []
    made = a_handler(recorder, note=lambda _name, outcome, *_: outcomes.append(outcome))
    click = "/c/" + token(CLICK)
    answers = [made.answer(at(click, AT + place * 10)) for place in range(100)]
    assert all(answer == answers[0] for answer in answers)
    assert len(recorder.hits) == 60
    assert outcomes == [STORED] * 60 + [LEFT_OUT] * 40
    made.answer(at("/o/" + token(), AT))  # another token of the same copy
    made.answer(at("/c/" + token(CLICK, recipient=3), AT))  # the same link of another's
    made.answer(at(click + ".", AT + 59_999))  # still the same token
    made.answer(at(click, AT + 60_000))
    assert len(recorder.hits) == 63


@pytest.mark.parametrize("shared", [{"flags": tokens.AGGREGATE}, {"recipient": tokens.SEVERAL}])
def test_a_token_that_many_people_share_is_not_bounded(shared):
    recorder = FakeRecorder()
    made = a_handler(recorder)
    for place in range(100):
        made.answer(at("/o/" + token(**shared), AT + place))
    assert len(recorder.hits) == 100


def test_a_gateway_that_tells_no_time_bounds_nothing():
    recorder = FakeRecorder()
    made = a_handler(recorder)
    for _ in range(100):
        made.answer(at("/o/" + token(), None))
    assert len(recorder.hits) == 100


def test_no_answer_sets_a_cookie():
    for path in ("/o/" + token(), "/c/" + token(CLICK), "/about", "/robots.txt", "/nothing"):
        response = a_handler().answer(request(path))
        assert "cookies" not in response
        assert not any(name.lower() == "set-cookie" for name in response["headers"])


@pytest.mark.parametrize("path", ["/o/x", "/o/" + token(CLICK), "/o/" + token(PRIVACY), "/o/" + token() + "/x"])
def test_a_bad_open_gets_the_pixel_all_the_same_and_is_not_recorded(path):
    recorder = FakeRecorder()
    assert is_pixel(a_handler(recorder).answer(request(path)))
    assert recorder.hits == []


@pytest.mark.parametrize(
    "path",
    [
        "/c/",
        "/c/x",
        "/c/" + token(),
        "/c/" + token(PRIVACY),
        "/c/https://evil.test",
        "/c/" + token(CLICK, "https://evil.test/x"),
        "/c/" + token(CLICK, "http://user@EVIL.test.:80/x"),
        "/c/" + token(CLICK, "https://bücher.example/"),
        "/c/" + token(CLICK, message=DENIED_MESSAGE),
    ],
)
def test_a_bad_or_denied_click_is_not_found_and_never_redirects(path):
    recorder = FakeRecorder()
    response = a_handler(recorder).answer(request(path))
    assert response["statusCode"] == 404
    assert response["headers"]["Content-Type"].startswith("text/plain")
    assert "Location" not in response["headers"]
    assert "/about" in response["body"]
    assert recorder.hits == []


@pytest.mark.parametrize("path", ["/o/" + token(), "/c/" + token(CLICK)])
def test_head_has_the_same_headers_no_body_and_is_recorded_with_its_method(path):
    recorder = FakeRecorder()
    made = a_handler(recorder)
    get, head = made.answer(request(path)), made.answer(request(path, "HEAD"))
    assert (head["statusCode"], head["headers"]) == (get["statusCode"], get["headers"])
    assert head["body"] == ""
    assert [hit.method for hit in recorder.hits] == ["GET", "HEAD"]


@pytest.mark.parametrize("path", ["/o/" + token(), "/c/" + token(CLICK)])
def test_a_fault_of_ours_changes_no_answer_and_loses_no_hit(path):
    recorder, outcomes = FakeRecorder(RuntimeError("anything")), []
    broken = a_handler(recorder, note=lambda _name, outcome, *_: outcomes.append(outcome))
    assert broken.answer(request(path)) == a_handler().answer(request(path))
    assert outcomes[0] == "fault RuntimeError"
    assert [hit.message for hit in recorder.logged] == [MESSAGE]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "", "get"])
def test_other_methods_are_not_found(method):
    recorder = FakeRecorder()
    for path in ("/o/" + token(), "/c/" + token(CLICK), "/about"):
        assert a_handler(recorder).answer(request(path, method))["statusCode"] == 404
    assert recorder.hits == []


def test_the_small_pages():
    made = a_handler()
    assert made.answer(request("/robots.txt"))["body"] == "User-agent: *\nDisallow: /\n"
    about = made.answer(request("/about"))
    assert "Rossi &amp; &lt;Figli&gt;" in about["body"]
    assert "privacy@example.test" in about["body"]
    assert about["headers"]["Content-Security-Policy"].startswith("default-src 'none'")
    for path in ("/", "", "/o", "/o/", "/c", "/c/", "/p", "/p/", "/p/x", "/favicon.ico"):
        response = made.answer(request(path))
        assert (response["statusCode"], response["body"]) == (404, pages.NOT_FOUND)
        head = made.answer(request(path, "HEAD"))
        assert (head["statusCode"], head["body"]) == (404, "")


@pytest.mark.parametrize(
    ("header", "sent", "address"),
    [
        ("", {"x-forwarded-for": "198.51.100.1"}, "192.0.2.7"),
        ("X-Forwarded-For", {"x-forwarded-for": "198.51.100.1"}, "198.51.100.1"),
        ("X-Forwarded-For", {"x-forwarded-for": "203.0.113.9, 198.51.100.1"}, "198.51.100.1"),
        ("X-Forwarded-For", {"x-forwarded-for": "2001:DB8::0001"}, "2001:db8::1"),
        ("X-Forwarded-For", {"x-forwarded-for": "<script>"}, ""),
        ("X-Forwarded-For", {}, "192.0.2.7"),
    ],
)
def test_the_clients_address_is_the_gateways_unless_a_trusted_header_names_it(header, sent, address):
    recorder = FakeRecorder()
    a_handler(recorder, header).answer(request("/o/" + token(), headers=sent))
    assert recorder.hits[0].address == address


BROWSER = {  # headers that say which browser it is, and how it came
    "sec-fetch-mode": "navigate",
    "sec-fetch-user": "?1",
    "sec-fetch-site": "none",
    "sec-fetch-dest": "document",
    "sec-ch-ua": '"Chromium";v="156", "Not)A;Brand";v="24"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
}


def test_what_a_browser_says_of_itself_is_kept_and_cookies_are_not():
    recorder = FakeRecorder()
    a_handler(recorder).answer(request("/o/" + token(), headers=BROWSER | {"sec-ch-ua-model": '"Pixel 9"'}))
    assert recorder.hits[0].headers == BROWSER | {"accept-language": "it"}


def test_in_aggregate_mode_nothing_is_recorded_that_tells_recipients_apart():
    recorder = FakeRecorder()
    made = a_handler(recorder)
    path = "/o/" + token(flags=tokens.AGGREGATE)
    made.answer(request(path, headers=BROWSER | {"dnt": "1", "sec-gpc": "1", "sec-purpose": "prefetch"}))
    made.answer(request(path, headers={"user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"}))
    first, second = recorder.hits
    assert (first.recipient, first.address, first.agent) == (tokens.EVERYONE, "", "")
    assert first.headers == {"sec-purpose": "prefetch", "sec-fetch-mode": "navigate", "sec-fetch-user": "?1"}
    assert second.agent.endswith("GoogleImageProxy)")


def test_what_is_recorded_is_bounded():
    recorder = FakeRecorder()
    huge = {"user-agent": "A" * 9000, "accept-language": "b" * 9000, "x-other": "c"}
    a_handler(recorder).answer(request("/o/" + token(), headers=huge))
    assert len(json.dumps(recorder.hits[0])) < 1200


def test_each_request_is_noted_once_without_token_or_address():
    notes = []
    made = a_handler(note=lambda *note: notes.append(note))
    made.answer(request("/c/" + token(CLICK)))
    made.answer(request("/c/bad"))
    assert [note[:2] for note in notes] == [("click", STORED), ("click", "bad token")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ["rawPath", "headers", "requestContext", "http", "method", "sourceIp", "timeEpoch", "requestId"]
)
nearly = st.recursive(
    json_values | st.sampled_from(["GET", "HEAD", "/o/x", "/c/x", "/o/" + token(), "/c/" + token(CLICK)]),
    lambda children: st.dictionaries(names | st.text(max_size=3), children, max_size=6),
    max_leaves=12,
)


@given(nearly)
def test_no_garbage_event_breaks_the_door(event):
    response = a_handler(header="x-forwarded-for").answer(event)
    assert response["statusCode"] in (200, 302, 404)
    json.dumps(response)


def garbage(random_bytes):
    """Return a path without a valid token: random, or a good token with something wrong."""
    good = token(CLICK)
    kind = random_bytes.randrange(5)
    if kind == 0:
        return "".join(random_bytes.choices(string.printable, k=random_bytes.randrange(1, 80)))
    if kind == 1:
        return "".join(
            random_bytes.choices(string.ascii_letters + string.digits + "-_", k=random_bytes.randrange(1, 200))
        )
    place = random_bytes.randrange(len(good))
    if kind == 2:
        return good[:place] + random_bytes.choice("AZ-_ é\0") + good[place + random_bytes.randrange(1, 3) :]
    if kind == 3:
        return good[: place or 1]
    return good[:place] + chr(random_bytes.randrange(1, 0x11_0000)) + good[place:]


def test_no_path_that_nobody_signed_redirects_or_breaks():
    """A sample; `make bench` tries a million."""
    random_bytes, made, good = random.Random(7), a_handler(), token(CLICK)
    for _ in range(5_000):
        path = garbage(random_bytes)
        if path == good:
            continue
        assert made.answer(request("/c/" + path))["statusCode"] == 404
        assert is_pixel(made.answer(request("/o/" + path)))


POOLED = {"flags": tokens.POOLED, "recipient": tokens.EVERYONE}


@pytest.mark.parametrize("error", [None, RuntimeError("ours")])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_pooled_pixel_answers_as_any_other_and_is_counted_not_recorded(method, error):
    recorder, loads, noted = FakeRecorder(), FakeLoads(error), []
    made = a_handler(recorder, note=lambda *line: noted.append(line), loads=loads)
    response = made.answer(request("/o/" + token(**POOLED), method))
    own = a_handler().answer(request("/o/" + token(), method))
    assert response == own
    assert (recorder.hits, recorder.logged) == ([], [])
    kept = [(MESSAGE, AT, method, "Agent/1", {"accept-language": "it"}, 0.0)]
    assert loads.loads == ([] if error else kept), "no address, no request id"
    assert [line[:2] for line in noted] == [("open", "uncounted RuntimeError" if error else STORED)]


def test_a_pooled_pixel_that_many_people_load_is_bound_by_no_minute():
    loads = FakeLoads()
    made = a_handler(loads=loads)
    for _ in range(100):
        made.answer(request("/o/" + token(**POOLED)))
    assert len(loads.loads) == 100
